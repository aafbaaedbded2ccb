import { statSync } from 'node:fs';

const USER_TABLE = '/etc/passwd';

/** Another text whenever the system's user table has been changed; '' where there is none. */
export const userTableVersion = (): string => {
  const stats = statSync(USER_TABLE, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
};
