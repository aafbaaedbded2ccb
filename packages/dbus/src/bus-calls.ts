import type { Connection } from './connection.js';
import { dbusError } from './error-names.js';
import type { Value } from './value.js';

/** The bus daemon itself. */
export const BUS_DAEMON = 'org.freedesktop.DBus';
const BUS_DAEMON_PATH = '/org/freedesktop/DBus';

/** Ask the bus daemon. @returns the values of its answer */
export const callBus = async (
  connection: Connection,
  member: string,
  signature = '',
  ...body: Value[]
): Promise<readonly Value[]> => {
  const to = { destination: BUS_DAEMON, path: BUS_DAEMON_PATH, interface: BUS_DAEMON };
  const answer = await connection.call({ ...to, member, signature, body });
  return answer.body;
};

/** Fail rather than wait for a name that somebody has. */
const DO_NOT_QUEUE = 4;
/** What `RequestName` answers for a name that is ours now, or was before. */
const OURS: readonly Value[] = [1, 4];

/** @returns whether the name is ours now. @throws DBusError if the bus does not allow it */
export const requestName = async (connection: Connection, name: string): Promise<boolean> => {
  const [result = 0] = await callBus(connection, 'RequestName', 'su', name, DO_NOT_QUEUE);
  return OURS.includes(result);
};

/** Whether somebody has the name. */
export const nameHasOwner = async (connection: Connection, name: string): Promise<boolean> => {
  const [result] = await callBus(connection, 'NameHasOwner', 's', name);
  return result === true;
};

/** A value in a match rule. @see D-Bus specification, "Match Rules" */
export const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** The match rule for changes of the owner of one name. */
const ownerRule = (name: string): string =>
  `type='signal',sender='${BUS_DAEMON}',interface='${BUS_DAEMON}',member='NameOwnerChanged',arg0=${quoted(name)}`;

/** Have `NameOwnerChanged` of this name sent here, and no longer. */
export const watchName = (connection: Connection, name: string): Promise<unknown> =>
  callBus(connection, 'AddMatch', 's', ownerRule(name));
export const unwatchName = (connection: Connection, name: string): Promise<unknown> =>
  callBus(connection, 'RemoveMatch', 's', ownerRule(name));

/** The match rule for the coming and going of everybody. */
const EVERYBODY = `type='signal',sender='${BUS_DAEMON}',interface='${BUS_DAEMON}',member='NameOwnerChanged'`;

/** Have `NameOwnerChanged` of all names sent here. */
export const watchEverybody = (connection: Connection): Promise<unknown> =>
  callBus(connection, 'AddMatch', 's', EVERYBODY);

/** Who has a unique name. */
export interface BusCredentials {
  readonly uid: number;
  /** 0 where the bus does not know it. */
  readonly pid: number;
  readonly gid: number;
  /** Of the process, the caller's to close; from dbus-daemon 1.15.8 on. */
  readonly pidfd?: number;
}

/** A caller's credentials, from the bus daemon, which had them from the kernel. */
export const credentialsOf = async (connection: Connection, name: string): Promise<BusCredentials> => {
  const [answer] = await callBus(connection, 'GetConnectionCredentials', 's', name);
  if (!(answer instanceof Map)) throw dbusError('Failed', 'The bus does not say who called');
  const number = (key: string): number | undefined => {
    const value: unknown = answer.get(key)?.value;
    return typeof value === 'number' ? value : undefined;
  };
  const uid = number('UnixUserID');
  if (uid === undefined) throw dbusError('Failed', 'The bus does not say which user called');
  const pidfd = number('ProcessFD');
  const pid = number('ProcessID') ?? 0;
  return { uid, pid, gid: groupOf(answer.get('UnixGroupIDs')?.value), ...(pidfd === undefined ? {} : { pidfd }) };
};

/** The first of the groups; older bus daemons tell none. */
const groupOf = (groups: unknown): number => {
  const [first] = Array.isArray(groups) ? (groups as readonly unknown[]) : [];
  return typeof first === 'number' ? first : NO_GROUP;
};

const NO_GROUP = 0xffffffff;
