import { mkdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Mode, Options } from './option-table.js';

/** The variables of the daemon's own environment that it obeys. */
export interface Environment {
  readonly HOME?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly UPSTART_CONFDIR?: string | undefined;
  readonly UPSTART_NO_SYSTEM_USERCONFDIR?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly XDG_CONFIG_DIRS?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** Where configuration comes from and output goes to. */
export interface Directories {
  /** Highest priority first. */
  readonly confDirs: readonly string[];
  readonly logDir?: string;
}

/** The environment does not say where the user's files are. */
export class NoHomeError extends Error {
  static {
    Object.defineProperty(NoHomeError.prototype, 'name', { value: 'NoHomeError' });
  }
  readonly code = 'NoHome';

  constructor(what: string, instead: string) {
    super(`HOME is not set to an absolute path, so there is no place for ${what}: set it, or give ${instead}`);
  }
}

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

/** A directory of the user's: by its XDG variable, else below HOME. */
const userDir = (xdg: string | undefined, home: string | undefined, below: string): string | undefined => {
  const base = absolute(xdg) ?? (absolute(home) && join(home ?? '', below));
  return base && join(base, 'upstart');
};

const DEFAULT_XDG_CONFIG_DIRS = '/etc/xdg';
const SHIPPED_SESSION_JOBS = '/usr/share/upstart/sessions';

const userConfDirs = (env: Environment): string[] => {
  const home = absolute(env.HOME);
  const own = userDir(env.XDG_CONFIG_HOME, home, '.config');
  if (own === undefined || home === undefined) throw new NoHomeError('job files', '--confdir');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const shared = (env.XDG_CONFIG_DIRS || DEFAULT_XDG_CONFIG_DIRS).split(':').filter(isAbsolute);
  return [
    own,
    join(home, '.init'),
    ...shared.map((dir) => join(dir, 'upstart')),
    ...(env.UPSTART_NO_SYSTEM_USERCONFDIR === undefined ? [SHIPPED_SESSION_JOBS] : []),
  ];
};

/** Where each mode looks for job files when no option says so. @see spec: config-language.md 5.1, engine.md 7.1 */
const DEFAULT_CONF_DIRS = {
  user: userConfDirs,
  session: (env) => [env.UPSTART_CONFDIR ?? '/etc/init'],
} as const satisfies Record<Mode, (env: Environment) => string[]>;

const logDirectory = ({ log, logDir }: Options, env: Environment): string | undefined => {
  if (!log) return undefined;
  if (logDir !== undefined) return logDir;
  const own = userDir(env.XDG_CACHE_HOME, env.HOME, '.cache');
  if (own === undefined) throw new NoHomeError('log files', '--logdir or --no-log');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return own;
};

/**
 * The directories that options and environment name. The user's own are created where they are missing.
 * @throws NoHomeError where HOME is needed and missing; the system's error where a directory can't be created
 */
export const findDirectories = (mode: Mode, options: Options, env: Environment): Directories => {
  const { confDirs, prependConfDirs, appendConfDirs } = options;
  const middle = confDirs.length > 0 ? confDirs : DEFAULT_CONF_DIRS[mode](env);
  const logDir = logDirectory(options, env);
  return {
    confDirs: [...prependConfDirs, ...middle, ...appendConfDirs],
    ...(logDir === undefined ? {} : { logDir }),
  };
};
