import { existsSync } from 'node:fs';
import { exec } from '@maverick/spawner';

/** Who may be the init of a machine. @see spec: engine.md 7.1 */
export type Role =
  | { readonly kind: 'init' }
  /** A person has typed `init 3`: this program does it. */
  | { readonly kind: 'telinit'; readonly path: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Where telinit is, the first that is there. */
const TELINIT = ['/sbin/telinit', '/usr/sbin/telinit'];

const OTHERWISE = 'give --container to be the init of a container, --user to supervise the session of a user';

/** What a process without a mode is to be. */
export const systemRole = (uid: number, pid: number, isThere: (path: string) => boolean = existsSync): Role => {
  if (uid !== 0) return { kind: 'refused', message: `Need to be root to be the init of a machine (${OTHERWISE})` };
  if (pid === 1) return { kind: 'init' };
  const path = TELINIT.find(isThere);
  if (path !== undefined) return { kind: 'telinit', path };
  const message = `The init of a machine is process 1, this is process ${pid}, and there is no ${TELINIT[0]} to ask it (${OTHERWISE})`;
  return { kind: 'refused', message };
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
