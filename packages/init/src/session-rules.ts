import { join } from 'node:path';
import type { ConfLocation } from '@maverick/conf';
import type { SessionOptions } from '@maverick/supervisor';
import type { Environment } from './directories.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';

/** The file of `/etc/pam.d` by which users' jobs get their PAM sessions. */
const PAM_SERVICE = 'upstart-session';

/** Where sessions are declared, in a directory of job files. */
const DECLARATIONS = 'sessions.d';

/** A daemon that a user has started is for that user alone. */
const hasSessions = (mode: Mode): boolean => mode !== 'user';

/** Which sessions callers get. */
export const sessionRules = (
  mode: Mode,
  { chrootSessions, userSessions }: Options,
  env: Environment,
  address: string,
): SessionOptions => {
  if (!hasSessions(mode)) return {};
  // @see spec: engine.md section 8.1
  const chroots = chrootSessions && env.UPSTART_NO_SESSIONS === undefined;
  return { chroots, ...(userSessions ? { users: { pamService: PAM_SERVICE, address } } : {}) };
};

/** The directories of `.session` files. */
export const declarationDirs = (mode: Mode, confDirs: readonly ConfLocation[]): readonly string[] =>
  hasSessions(mode)
    ? confDirs.flatMap(({ kind, path }) => (kind === 'directory' ? [join(path, DECLARATIONS)] : []))
    : [];
