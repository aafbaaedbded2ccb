import { isIPv4, isIPv6 } from 'node:net';
import { findKnownGroup, findKnownUser, formatAddress, type ListenSpec, type SocketAddress } from '@maverick/spawner';
import { ConditionError } from './condition-error.js';
import { readVariables } from './variables.js';

/** A socket that a job asks for. */
export interface SocketWish {
  /** Type and address: what there can be only one of. */
  readonly key: string;
  readonly spec: ListenSpec;
  /** Connections are accepted for the job, one each instance. */
  readonly accept: boolean;
  /** With `accept`: how many instances there may be at once. */
  readonly maxConnections: number;
  /** The variables of the event, in its order: what the condition asks for, and the address. */
  readonly env: readonly string[];
}

/** The variables of the event in its order; those of the original come first. @see spec: bridges.md 2 */
const VARIABLES = [
  'PROTO',
  'PORT',
  'ADDR',
  'SOCKET_PATH',
  'TYPE',
  'ACCEPT',
  'MAX_CONNECTIONS',
  'BACKLOG',
  'OWNER',
  'GROUP',
  'MODE',
] as const;

type Variable = (typeof VARIABLES)[number];
type Given = ReadonlyMap<Variable, string>;

/** `PATH` is what the original's conditions say; its event has `SOCKET_PATH`, and so has its manual page. */
const NAMES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ...VARIABLES.map((name) => [name, name] as const),
  ['PATH', 'SOCKET_PATH'],
]);

const badValue = (name: Variable, value: string, expected: string): ConditionError =>
  new ConditionError('bad-value', `${name}=${value} is not understood: expected ${expected}`);

/** The value of a variable that is one of a few words. */
const wordOf = <Word extends string>(given: Given, name: Variable, words: readonly Word[]): Word | undefined => {
  const value = given.get(name);
  const word = words.find((each) => each === value);
  if (value !== undefined && word === undefined) throw badValue(name, value, words.join(' or '));
  return word;
};

const numberOf = (given: Given, name: Variable, most: number): number | undefined => {
  const value = given.get(name);
  if (value === undefined) return undefined;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) throw badValue(name, value, `a number from 1 to ${most}`);
  return number;
};

const required = <Value>(value: Value | undefined, name: string): Value => {
  if (value === undefined) throw new ConditionError('missing-variable', `${name} is missing`);
  return value;
};

/** What makes no sense with others: that of one family in another. */
const refuse = (given: Given, names: readonly Variable[], why: string): void => {
  const wrong = names.find((name) => given.has(name));
  if (wrong !== undefined) throw new ConditionError('not-together', `${wrong} ${why}`);
};

const inetAddress = (given: Given, family: 'inet' | 'inet6'): SocketAddress => {
  refuse(given, ['SOCKET_PATH', 'OWNER', 'GROUP', 'MODE'], `is for PROTO=unix, not for PROTO=${family}`);
  const port = required(numberOf(given, 'PORT', 65_535), 'PORT');
  const address = given.get('ADDR') ?? (family === 'inet' ? '0.0.0.0' : '::');
  const right = family === 'inet' ? isIPv4(address) : isIPv6(address);
  if (!right) throw badValue('ADDR', address, family === 'inet' ? 'an IPv4 address' : 'an IPv6 address');
  return { family, address, port };
};

const unixAddress = (given: Given): SocketAddress => {
  refuse(given, ['PORT', 'ADDR'], 'is for PROTO=inet and PROTO=inet6, not for PROTO=unix');
  const path = required(given.get('SOCKET_PATH'), 'PATH');
  if (!/^[/@]./.test(path)) throw badValue('SOCKET_PATH', path, 'an absolute path, or @ and an abstract name');
  if (path.startsWith('@')) refuse(given, ['OWNER', 'GROUP', 'MODE'], 'is for files: an abstract name has none');
  return { family: 'unix', path };
};

const userOf = (given: Given): number | undefined => {
  const who = given.get('OWNER');
  if (who === undefined) return undefined;
  const uid = /^\d+$/.test(who) ? Number(who) : findKnownUser(who)?.uid;
  if (uid === undefined) throw badValue('OWNER', who, 'a user that there is');
  return uid;
};

const groupOf = (given: Given): number | undefined => {
  const who = given.get('GROUP');
  if (who === undefined) return undefined;
  const gid = /^\d+$/.test(who) ? Number(who) : findKnownGroup(who);
  if (gid === undefined) throw badValue('GROUP', who, 'a group that there is');
  return gid;
};

/** Who may connect unless the job says otherwise: everybody, as to a port. */
const USUAL_MODE = 0o666;

const modeOf = (given: Given): number => {
  const mode = given.get('MODE');
  if (mode === undefined) return USUAL_MODE;
  if (!/^0?[0-7]{3}$/.test(mode)) throw badValue('MODE', mode, 'three octal digits');
  return Number.parseInt(mode, 8);
};

const fileOf = (given: Given): NonNullable<ListenSpec['file']> => {
  const [uid, gid] = [userOf(given), groupOf(given)];
  return {
    mode: modeOf(given),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
};

/** More at once are left waiting, as systemd has it. */
const USUAL_CONNECTIONS = 64;

const FAMILIES = ['inet', 'inet6', 'unix'] as const;
const TYPES = ['stream', 'dgram', 'seqpacket'] as const;

const specOf = (given: Given): ListenSpec => {
  const family = required(wordOf(given, 'PROTO', FAMILIES), 'PROTO');
  const type = wordOf(given, 'TYPE', TYPES) ?? 'stream';
  const address = family === 'unix' ? unixAddress(given) : inetAddress(given, family);
  if (type === 'seqpacket' && family !== 'unix') throw badValue('TYPE', type, `stream or dgram with PROTO=${family}`);
  if (type === 'dgram') refuse(given, ['ACCEPT', 'BACKLOG'], 'is for connections: TYPE=dgram has none');
  const backlog = numberOf(given, 'BACKLOG', 2 ** 31 - 1);
  const isFile = address.family === 'unix' && address.path.startsWith('/');
  return {
    address,
    type,
    ...(backlog === undefined ? {} : { backlog }),
    ...(isFile ? { file: fileOf(given), replaceStale: true } : {}),
  };
};

/** The address is in the event though nobody asks for it, as in the original's. */
const envOf = (given: Given, { address }: ListenSpec): readonly string[] => {
  const all = new Map(given);
  if (address.family === 'inet' || address.family === 'inet6') all.set('ADDR', address.address);
  return VARIABLES.flatMap((name) => (all.has(name) ? [`${name}=${all.get(name)}`] : []));
};

/**
 * Read what a condition says of a socket: `PROTO=unix PATH=/run/x MODE=600`, in any order.
 * @throws ConditionError
 * @see spec: bridges.md 2
 */
export const readSocketWish = (args: readonly string[]): SocketWish => {
  const given = readVariables(args, NAMES);
  const spec = specOf(given);
  const accept = wordOf(given, 'ACCEPT', ['y', 'n']) === 'y';
  if (!accept) refuse(given, ['MAX_CONNECTIONS'], 'is for ACCEPT=y');
  return {
    key: `${spec.type} ${formatAddress(spec.address)}`,
    spec,
    accept,
    maxConnections: numberOf(given, 'MAX_CONNECTIONS', 1_000_000) ?? USUAL_CONNECTIONS,
    env: envOf(given, spec),
  };
};
