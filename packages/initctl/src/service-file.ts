import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import type { Environment } from './command.js';
import { replaceFile } from './override-file.js';

/** Which bus. */
export type BusKind = 'system' | 'session';

const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** Where a file is put: before those of packages, whose files so stay as they are. */
export const ownFolder = (kind: BusKind, env: Environment, uid: number): string => {
  if (kind === 'system') return '/usr/local/share/dbus-1/system-services';
  if (uid === 0) return '/usr/local/share/dbus-1/services';
  return join(set(env.XDG_DATA_HOME) ?? `${env.HOME ?? ''}/.local/share`, 'dbus-1/services');
};

/** One word of a command line, as the bus reads it. */
const quoted = (word: string): string => (/[^\w@%+=:,./-]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word);

/** How this program is executed anew. A bus has no `PATH` for the program that runs scripts. */
const ownCommand = (): readonly string[] =>
  isSea() ? [join(dirname(process.execPath), 'initctl')] : [process.execPath, process.argv[1] ?? 'initctl'];

/**
 * What a service file says. A bus that hands activation on never looks at `Exec`, and one that does not knows no
 * `SystemdService`: so both kinds can read the same file.
 */
const serviceText = (name: string, kind: BusKind, fallback: boolean): string =>
  [
    `# A job with \`start on dbus-activation ${name}\` is the server. By initctl dbus-activation install.`,
    '[D-BUS Service]',
    `Name=${name}`,
    `Exec=${[...ownCommand(), 'dbus-activation', `--${kind}`, 'start', name].map(quoted).join(' ')}`,
    ...(kind === 'system' ? ['User=root'] : []),
    ...(fallback ? [] : [`SystemdService=${name}`]),
    '',
  ].join('\n');

/** Write the service file of a name. @returns its path. @throws InitctlError `unreadable-file` */
export const writeServiceFile = (name: string, kind: BusKind, folder: string, fallback: boolean): string => {
  const path = join(folder, `${name}.service`);
  replaceFile(path, serviceText(name, kind, fallback));
  return path;
};
