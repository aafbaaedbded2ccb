import type { ProcessSpec } from './process-spec.js';
import type { Step } from './steps.js';
import { type Group, parseGroups, parseUsers, readInRoots, type User } from './user-tables.js';

/** Who a process runs as. What is absent stays as it is. */
interface Identity {
  readonly uid?: number;
  readonly gid?: number;
  /** Only where the daemon may set them. */
  readonly groups?: readonly number[];
}

/** A look-up that failed. It is reported in its turn: a wrong root or directory comes first. */
interface IdentityFailure {
  readonly step: Extract<Step, 'getpwnam' | 'user' | 'getgrnam' | 'group'>;
  /** 0: there is no such user or group. */
  readonly errno: number;
  readonly argument: string;
}

export type IdentityResult =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly failure: IdentityFailure };

type Found<T> = { readonly row: T } | { readonly failure: IdentityFailure };

const PASSWD = '/etc/passwd';
const GROUP = '/etc/group';

const findUser = (roots: readonly string[], name: string): Found<User> => {
  const text = readInRoots(roots, PASSWD);
  if (typeof text === 'number') return { failure: { step: 'getpwnam', errno: text, argument: name } };
  const row = parseUsers(text).find((user) => user.name === name);
  return row === undefined ? { failure: { step: 'user', errno: 0, argument: name } } : { row };
};

const findGroup = (roots: readonly string[], name: string): Found<Group> => {
  const text = readInRoots(roots, GROUP);
  if (typeof text === 'number') return { failure: { step: 'getgrnam', errno: text, argument: name } };
  const row = parseGroups(text).find((group) => group.name === name);
  return row === undefined ? { failure: { step: 'group', errno: 0, argument: name } } : { row };
};

/** The name of the daemon's own user, where the root knows it. */
const ownName = (roots: readonly string[]): string | undefined => {
  const text = readInRoots(roots, PASSWD);
  return typeof text === 'number' ? undefined : parseUsers(text).find((user) => user.uid === process.geteuid?.())?.name;
};

/** Somebody whom the system's tables know. */
export interface KnownUser extends User {
  /** The primary group, and those that name the user as a member. */
  readonly groups: readonly number[];
}

/**
 * Look somebody up in the system's own tables, by name or by user id: the first row counts. Users whom only other name services
 * know are not found.
 */
export const findKnownUser = (who: string | number): KnownUser | undefined => {
  const text = readInRoots([], PASSWD);
  if (typeof text === 'number') return undefined;
  const row = parseUsers(text).find(({ name, uid }) => who === name || who === uid);
  return row && { ...row, groups: groupsOf([], row.name, row.gid) };
};

/** The number of a group of the system's own table. */
export const findKnownGroup = (name: string): number | undefined => {
  const found = findGroup([], name);
  return 'row' in found ? found.row.gid : undefined;
};

/** As initgroups(3): the group itself, and those that name the user as a member. Without a table just the group. */
const groupsOf = (roots: readonly string[], user: string | undefined, gid: number): readonly number[] => {
  const text = readInRoots(roots, GROUP);
  const groups = typeof text === 'number' || user === undefined ? [] : parseGroups(text);
  const memberOf = groups.filter((group) => user !== undefined && group.members.includes(user));
  return [...new Set([gid, ...memberOf.map((group) => group.gid)])];
};

/**
 * Look up the user and the group of a process, inside its root. The user's primary group takes the place of a group
 * that is not asked for, also among the supplementary groups.
 */
export const resolveIdentity = (spec: Pick<ProcessSpec, 'user' | 'group' | 'chroot'>): IdentityResult => {
  const roots = spec.chroot ?? [];
  if (spec.user === undefined && spec.group === undefined) return { ok: true, identity: {} };
  const user = spec.user === undefined ? undefined : findUser(roots, spec.user);
  if (user !== undefined && 'failure' in user) return { ok: false, failure: user.failure };
  const group = spec.group === undefined ? undefined : findGroup(roots, spec.group);
  if (group !== undefined && 'failure' in group) return { ok: false, failure: group.failure };

  const gid = group?.row.gid ?? user?.row.gid ?? process.getegid?.() ?? 0;
  const groups = process.geteuid?.() === 0 ? groupsOf(roots, user?.row.name ?? ownName(roots), gid) : undefined;
  return {
    ok: true,
    identity: {
      gid,
      ...(user === undefined ? {} : { uid: user.row.uid }),
      ...(groups === undefined ? {} : { groups }),
    },
  };
};
