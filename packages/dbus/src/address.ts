import { DBusError } from './dbus-error.js';

/** Where the init daemon of the system listens. */
export const SYSTEM_ADDRESS = 'unix:abstract=/com/ubuntu/upstart';

/**
 * Where it listens, too, inside of a root directory that has a session, as a process in there sees it: an abstract name is not
 * seen in every network namespace.
 */
export const CHROOT_SOCKET = '/run/upstart/private';

/** Where the Session Init of a user listens: both numbers are those of the daemon. */
export const sessionAddress = (uid: number, pid: number): string =>
  `unix:abstract=/com/ubuntu/upstart-session/${uid}/${pid}`;

/** A place that a socket can be connected to or listen on. `name` has no leading NUL or `@`. */
export type SocketAddress =
  | { readonly kind: 'abstract'; readonly name: string }
  | { readonly kind: 'path'; readonly name: string };

const BAD_ADDRESS = 'org.freedesktop.DBus.Error.BadAddress';

const badAddress = (text: string, reason: string): DBusError =>
  new DBusError(BAD_ADDRESS, `Could not use the D-Bus address '${text}': ${reason}`);

const unescapeValue = (text: string, value: string): string => {
  if (!/^(?:[-0-9A-Za-z_/.\\*]|%[0-9A-Fa-f]{2})*$/.test(value)) {
    throw badAddress(text, `the value '${value}' has a character that must be written as %XX`);
  }
  const bytes = value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
};

const parsePairs = (text: string, pairs: string): Map<string, string> => {
  const values = new Map<string, string>();
  for (const pair of pairs.split(',')) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw badAddress(text, `expected KEY=VALUE, got '${pair}'`);
    const key = pair.slice(0, equals);
    if (values.has(key)) throw badAddress(text, `'${key}' is given twice`);
    values.set(key, unescapeValue(text, pair.slice(equals + 1)));
  }
  return values;
};

const parseOne = (text: string): SocketAddress => {
  const colon = text.indexOf(':');
  if (colon < 1) throw badAddress(text, 'expected TRANSPORT:KEY=VALUE, such as unix:path=/run/upstart');
  const transport = text.slice(0, colon);
  if (transport !== 'unix') throw badAddress(text, `the transport '${transport}' is not supported, only unix is`);
  const values = parsePairs(text, text.slice(colon + 1));
  const abstract = values.get('abstract');
  const path = values.get('path');
  if ((abstract === undefined) === (path === undefined))
    throw badAddress(text, "expected one of 'abstract' and 'path'");
  return abstract === undefined ? { kind: 'path', name: path ?? '' } : { kind: 'abstract', name: abstract };
};

/**
 * Read a D-Bus address: `unix:abstract=…` or `unix:path=…`, several separated by `;`, bytes other than
 * `-0-9A-Za-z_/.\*` written as `%XX`. Other keys (`guid`) are passed over.
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`
 * @see D-Bus specification, "Server Addresses"
 */
export const parseAddress = (address: string): readonly SocketAddress[] => {
  const entries = address.split(';').filter((entry) => entry !== '');
  if (entries.length === 0) throw new DBusError(BAD_ADDRESS, `Empty address '${address}'`);
  return entries.map(parseOne);
};

/** Write a socket's place as a D-Bus address. */
export const formatAddress = ({ kind, name }: SocketAddress): string => {
  const bytes = Array.from(Buffer.from(name, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[-0-9A-Za-z_/.\\]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
  });
  return `unix:${kind}=${bytes.join('')}`;
};
