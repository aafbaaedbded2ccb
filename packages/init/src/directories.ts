import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type ConfLocation, type LocationOptions, systemLocations, userLocations } from '@maverick/conf';
import { makeDirectory } from '@maverick/supervisor';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';

/** The variables of the daemon's own environment that it obeys. */
export interface Environment {
  readonly DBUS_SESSION_BUS_ADDRESS?: string | undefined;
  readonly DBUS_SYSTEM_BUS_ADDRESS?: string | undefined;
  readonly HOME?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly UPSTART_CONFDIR?: string | undefined;
  readonly UPSTART_LOGDIR?: string | undefined;
  readonly UPSTART_NO_SESSIONS?: string | undefined;
  readonly UPSTART_NO_SYSTEM_USERCONFDIR?: string | undefined;
  readonly UPSTART_WRITE_STATEFILE?: string | undefined;
  readonly USE_SESSION_BUS?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly XDG_CONFIG_DIRS?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly XDG_DATA_DIRS?: string | undefined;
  readonly XDG_DATA_HOME?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
  readonly XDG_STATE_HOME?: string | undefined;
}

/** Where configuration comes from and output goes to. */
export interface Directories {
  /** Highest priority first. */
  readonly confDirs: readonly ConfLocation[];
  readonly logDir?: string;
}

/** The environment does not say where the user's files are. */
export class NoHomeError extends Error {
  static {
    Object.defineProperty(NoHomeError.prototype, 'name', { value: 'NoHomeError' });
  }
  readonly code = 'NoHome';
}

/** The session's own configuration directory is there for the user to find. @see spec: config-language.md 5.1 */
const userPlaces = (options: LocationOptions): readonly ConfLocation[] => {
  const places = userLocations(options);
  if (!places.ok) throw new NoHomeError(places.message);
  const { prepend = [], confdirs = [] } = options;
  const own = confdirs.length === 0 ? places.locations[prepend.length] : undefined;
  if (own !== undefined) makeDirectory(own.path, 0o700);
  return places.locations;
};

/** Where each mode looks for job files. @see spec: config-language.md 5.1, engine.md 7.1 */
const PLACES = {
  system: systemLocations,
  container: systemLocations,
  user: userPlaces,
  session: systemLocations,
} as const satisfies Record<Mode, (options: LocationOptions) => readonly ConfLocation[]>;

const cacheDir = ({ XDG_CACHE_HOME: xdg, HOME: home }: Environment): string => {
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  if (home !== undefined && isAbsolute(home)) return join(home, '.cache');
  throw new NoHomeError(
    'HOME must be an absolute path: without it there is no place for log files (or give --logdir or --no-log)',
  );
};

/** A directory that can't be created may appear later; until then output waits in memory, which the log says. */
const createIfPossible = (path: string): string => {
  try {
    makeDirectory(path, 0o755);
  } catch {
    // Told by whoever writes there.
  }
  return path;
};

const SYSTEM_LOGS = '/var/log/upstart';

const userLogs = ({ logDir }: Options, env: Environment): string => {
  if (logDir !== undefined) return createIfPossible(logDir);
  const own = join(cacheDir(env), 'upstart');
  makeDirectory(own, 0o700);
  return own;
};

/** Where each mode keeps the output of jobs. The system's variable wins over the option. @see spec: engine.md section 6 */
const LOGS = {
  system: ({ logDir }, { UPSTART_LOGDIR }) => createIfPossible(UPSTART_LOGDIR ?? logDir ?? SYSTEM_LOGS),
  container: ({ logDir }) => createIfPossible(logDir ?? SYSTEM_LOGS),
  user: userLogs,
  session: userLogs,
} as const satisfies Record<Mode, (options: Options, env: Environment) => string>;

/** The directories that options name and that are not there: nothing is amiss with them yet, but it may be a slip. */
export const missingDirectories = ({ confDirs, prependConfDirs, appendConfDirs }: Options): string[] =>
  [...prependConfDirs, ...confDirs, ...appendConfDirs].filter((path) => !existsSync(path));

/**
 * The directories that options and environment name. The user's own are created where they are missing.
 * @throws NoHomeError where HOME is needed and missing; the system's error where a directory can't be created
 */
export const findDirectories = (mode: Mode, options: Options, env: Environment): Directories => {
  const { confDirs: confdirs, prependConfDirs: prepend, appendConfDirs: append } = options;
  const confDirs = PLACES[mode]({ confdirs, prepend, append, env: { ...env } });
  return { confDirs, ...(options.log ? { logDir: LOGS[mode](options, env) } : {}) };
};
