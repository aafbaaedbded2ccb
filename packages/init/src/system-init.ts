import { existsSync } from 'node:fs';
import { exec } from '@maverick/spawner';
import { isProgramContainer } from './container-marks.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';

/** What this process is to be. @see spec: engine.md 7.1 */
export type Role =
  | { readonly kind: 'init'; readonly mode: Mode }
  /** A person has typed `init 3`: this program does it. */
  | { readonly kind: 'telinit'; readonly path: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Where telinit is, the first that is there. */
const TELINIT = ['/sbin/telinit', '/usr/sbin/telinit'];

const OTHERWISE = 'give --container to be the init of a container, --user to supervise the session of a user';

const NEVER_ENDS =
  'The init of a machine never ends: --job and a command after -- are for --container, --user and --session';

const machineRole = (uid: number, pid: number, isThere: (path: string) => boolean): Role => {
  if (uid !== 0) return { kind: 'refused', message: `Need to be root to be the init of a machine (${OTHERWISE})` };
  if (pid === 1) return { kind: 'init', mode: 'system' };
  const path = TELINIT.find(isThere);
  if (path !== undefined) return { kind: 'telinit', path };
  const message = `The init of a machine is process 1, this is process ${pid}, and there is no ${TELINIT[0]} to ask it (${OTHERWISE})`;
  return { kind: 'refused', message };
};

/** As what a process with these options is to run: an option says so, what it runs for, or where it is. */
export const roleOf = (
  { mode, program }: Pick<Options, 'mode' | 'program'>,
  uid: number,
  pid: number,
  isThere: (path: string) => boolean = existsSync,
): Role => {
  if (mode === 'system' && program !== undefined) return { kind: 'refused', message: NEVER_ENDS };
  if (mode === 'system') return machineRole(uid, pid, isThere);
  if (mode !== undefined) return { kind: 'init', mode };
  if (program !== undefined || (pid === 1 && isProgramContainer(isThere))) return { kind: 'init', mode: 'container' };
  return machineRole(uid, pid, isThere);
};

/**
 * Become telinit, with the same arguments.
 * @throws SystemError when it can't be executed
 */
export const becomeTelinit = (path: string, args: readonly string[], env: NodeJS.ProcessEnv): never =>
  exec(
    path,
    ['telinit', ...args],
    Object.entries(env).map(([name, value]) => `${name}=${value}`),
  );
