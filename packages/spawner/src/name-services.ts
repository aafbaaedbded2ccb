import type { ProcessSpec } from './process-spec.js';
import { readInRoots } from './user-tables.js';

type Database = 'passwd' | 'group' | 'initgroups';

const CONFIGURATION = '/etc/nsswitch.conf';

/** The service that is the file itself, which needs no library to be read. */
const FILES = 'files';

/** The services of a database, without what is done on their results (`[NOTFOUND=return]`). @see nsswitch.conf(5) */
export const servicesOf = (configuration: string, database: Database): readonly string[] => {
  const lines = configuration.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const row = lines.find((line) => line.split(':', 1)[0]?.trim() === database);
  const services = row === undefined ? '' : row.slice(row.indexOf(':') + 1).replace(/\[[^\]]*\]/g, ' ');
  return services.split(/\s+/).filter((service) => service !== '');
};

const databasesOf = (spec: Pick<ProcessSpec, 'user' | 'group'>): readonly Database[] => [
  ...(spec.user === undefined ? [] : (['passwd'] as const)),
  ...(spec.user === undefined && spec.group === undefined ? [] : (['group', 'initgroups'] as const)),
];

/**
 * True if the user and group of a process, and the groups that the user is in, may be known to other name services of
 * its root than the files: those can only be asked from inside the root, by libc.
 */
export const needNameServices = (spec: Pick<ProcessSpec, 'user' | 'group' | 'chroot'>): boolean => {
  const databases = databasesOf(spec);
  if (databases.length === 0) return false;
  const text = readInRoots(spec.chroot ?? [], CONFIGURATION);
  // Without a configuration libc asks the files.
  if (typeof text === 'number') return false;
  return databases.some((database) => servicesOf(text, database).some((service) => service !== FILES));
};
