import { realpathSync } from 'node:fs';
import { type SessionInfo, SYSTEM_SESSION, type UpstartClient } from '@maverick/dbus/client';
import { InitctlError } from './errors.js';
import type { OptionValues } from './option.js';

/** D-Bus errors of daemons that know of no sessions. */
const WITHOUT_SESSIONS: ReadonlySet<string> = new Set([
  'org.freedesktop.DBus.Error.UnknownMethod',
  'org.freedesktop.DBus.Error.NotSupported',
]);

/** The system's session has no name of its own: this one is for people. */
export const SYSTEM_NAME = 'system';

/** The id of a session by its name on the command line. */
export const idOf = (name: string): string => (name === SYSTEM_NAME ? SYSTEM_SESSION : name);

/** What people call a session. */
export const nameOf = ({ id }: Pick<SessionInfo, 'id'>): string => (id === SYSTEM_SESSION ? SYSTEM_NAME : id);

/** @throws InitctlError `no-sessions` */
export const sessionsOf = async (upstart: UpstartClient): Promise<readonly SessionInfo[]> => {
  try {
    return await upstart.init1.sessions();
  } catch (error) {
    if (error instanceof Error && WITHOUT_SESSIONS.has(error.name)) {
      throw new InitctlError('no-sessions', {}, { cause: error });
    }
    throw error;
  }
};

/** @returns undefined where a path leads nowhere */
export const realPath = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** The session whose part of the journal is asked for, by the command's own option or one of those of all commands. */
export const sessionOfJournal = (options: OptionValues): string | undefined => {
  const name = options.get('of-session') ?? options.get('in-session');
  if (name !== undefined) return idOf(name);
  const dir = options.get('chroot');
  if (dir !== undefined) return realPath(dir) ?? dir;
  return options.has('global') ? SYSTEM_SESSION : undefined;
};

/** None of a daemon that knows of none. */
const allSessions = async (upstart: UpstartClient): Promise<readonly SessionInfo[]> => {
  try {
    return await sessionsOf(upstart);
  } catch (error) {
    if (error instanceof InitctlError && error.code === 'no-sessions') return [];
    throw error;
  }
};

/** A daemon that has no sessions has but the system's. */
const globalSession = async (upstart: UpstartClient): Promise<UpstartClient> => {
  const sessions = await allSessions(upstart);
  return sessions.length > 1 ? upstart.inSession(SYSTEM_SESSION) : upstart;
};

const namedSession = async (upstart: UpstartClient, name: string): Promise<UpstartClient> => {
  const id = idOf(name);
  if (!(await sessionsOf(upstart)).some((session) => session.id === id)) {
    throw new InitctlError('no-such-session', { session: name });
  }
  return upstart.inSession(id);
};

/** One that is not open yet is opened: naming it is the first contact. */
const chrootSession = async (upstart: UpstartClient, dir: string): Promise<UpstartClient> => {
  const root = realPath(dir);
  const sessions = await sessionsOf(upstart);
  if (root === undefined) throw new InitctlError('no-such-root', { root: dir });
  if (root === '/') return upstart.inSession(SYSTEM_SESSION);
  const known = sessions.find((session) => session.root === root);
  if (known !== undefined) return upstart.inSession(known.id);
  return upstart.inSession(await upstart.init1.openSession({ root }));
};

/** The caller has named a session. */
export const namesSession = (options: OptionValues): boolean =>
  options.has('in-session') || options.has('chroot') || options.has('global');

/**
 * The session that the options name, if it is not the caller's own. What is in its directories is for others to say:
 * a path there may lead anywhere.
 * @returns undefined for the caller's own
 */
export const foreignSession = async (
  upstart: UpstartClient,
  options: OptionValues,
): Promise<SessionInfo | undefined> => {
  if (!namesSession(options)) return undefined;
  const [name, dir] = [options.get('in-session'), options.get('chroot')];
  const root = dir === undefined ? undefined : realPath(dir);
  const isMeant = (session: SessionInfo): boolean => {
    if (name !== undefined) return session.id === idOf(name);
    return root === undefined || root === '/' ? session.id === SYSTEM_SESSION : session.root === root;
  };
  const session = (await allSessions(upstart)).find(isMeant);
  return session?.own ? undefined : session;
};

/**
 * The daemon as it is in the session that `--global`, `--in-session` or `--chroot` names.
 * @throws InitctlError `no-such-session`, `no-such-root`, `no-sessions`; the daemon's error for a session that can't be had
 */
export const chooseSession = (upstart: UpstartClient, options: OptionValues): Promise<UpstartClient> => {
  const [name, dir] = [options.get('in-session'), options.get('chroot')];
  if (name !== undefined) return namedSession(upstart, name);
  return dir === undefined ? globalSession(upstart) : chrootSession(upstart, dir);
};
