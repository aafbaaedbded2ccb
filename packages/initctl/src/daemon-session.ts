import { realpathSync } from 'node:fs';
import type { SessionInfo, UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { OptionValues } from './option.js';

/** D-Bus errors of daemons that know of no sessions. */
const WITHOUT_SESSIONS: ReadonlySet<string> = new Set([
  'org.freedesktop.DBus.Error.UnknownMethod',
  'org.freedesktop.DBus.Error.NotSupported',
]);

const sessionsOf = async (upstart: UpstartClient): Promise<readonly SessionInfo[]> => {
  try {
    return await upstart.init1.sessions();
  } catch (error) {
    if (error instanceof Error && WITHOUT_SESSIONS.has(error.name)) {
      throw new InitctlError('no-sessions', {}, { cause: error });
    }
    throw error;
  }
};

const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** The system's session has no root directory of its own. */
const rootOf = ({ root = '/' }: SessionInfo): string => root;

/**
 * See to it that the daemon's session that `--in-session` or `--chroot` names is the one that its jobs on this connection are
 * of. So far that is the system's alone: no daemon offers the jobs of another one yet.
 * @throws InitctlError `no-such-session`, `no-such-root`, `no-sessions`
 */
export const requireSession = async (upstart: UpstartClient, options: OptionValues): Promise<void> => {
  const sessions = (await sessionsOf(upstart)).filter(({ kind }) => kind === 'system');
  const id = options.get('in-session');
  if (id !== undefined && !sessions.some((session) => session.id === id)) {
    throw new InitctlError('no-such-session', { session: id });
  }
  const root = options.get('chroot');
  if (root !== undefined && !sessions.some((session) => rootOf(session) === realPath(root))) {
    throw new InitctlError('no-such-root', { root });
  }
};
