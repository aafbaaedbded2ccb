import type { KnownUser } from './identity.js';
import { native } from './native.js';
import { SystemError } from './system-error.js';

const become = (uid: number, gid: number, groups: readonly number[]): void => {
  const result = native.fileIdentity(uid, gid, groups);
  if (result < 0) throw new SystemError('setfsuid', -result);
};

/**
 * Do something with the rights of a user on files and directories: what they may not read, `act` can't read either. Only for what
 * is done before it returns, on this thread; nothing else that this process may do changes.
 * @throws SystemError `EPERM` where this process may not do it; what `act` throws
 * @see setfsuid(2)
 */
export const withFileRights = <T>({ uid, gid, groups }: Pick<KnownUser, 'uid' | 'gid' | 'groups'>, act: () => T): T => {
  // Not there on Windows, where there is nothing of all this.
  const [ownUid = 0, ownGid = 0, ownGroups = []] = [
    process.geteuid?.(),
    process.getegid?.(),
    // Node lists the primary group, too, which may not be among them.
    process.getgroups?.(),
  ];
  try {
    become(uid, gid, groups);
    return act();
  } finally {
    become(ownUid, ownGid, ownGroups);
  }
};
