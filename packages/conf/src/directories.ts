/**
 * Where init looks for job files, highest priority first.
 *
 * @see init(8), init(5) "User Session Mode"; specification of the language, section 5.1
 */

/** A place to load from: a directory, or the one file that may hold only comments. */
export interface ConfLocation {
  readonly kind: 'directory' | 'file';
  readonly path: string;
}

export interface LocationOptions {
  /** `--prepend-confdir`, in order. */
  readonly prepend?: readonly string[];
  /** `--confdir`, in order; they replace the usual places. */
  readonly confdirs?: readonly string[];
  /** `--append-confdir`, in order. */
  readonly append?: readonly string[];
  /** The environment of init. */
  readonly env?: { readonly [name: string]: string | undefined };
}

const directory = (path: string): ConfLocation => ({ kind: 'directory', path });

const isAbsolute = (path: string | undefined): path is string => path?.startsWith('/') ?? false;

/** The places of a system init. */
export const systemLocations = (options: LocationOptions = {}): readonly ConfLocation[] => {
  const { prepend = [], confdirs = [], append = [], env = {} } = options;
  const usual = confdirs.length > 0 ? confdirs : [env['UPSTART_CONFDIR'] ?? '/etc/init'];
  return [
    ...prepend.map(directory),
    { kind: 'file', path: '/etc/init.conf' },
    ...usual.map(directory),
    ...append.map(directory),
  ];
};

/** The places of a user's session init, or why there are none. */
export type UserLocations =
  | { readonly ok: true; readonly locations: readonly ConfLocation[] }
  | { readonly ok: false; readonly code: 'no-home'; readonly message: string };

const xdgLocations = (home: string, env: NonNullable<LocationOptions['env']>): readonly string[] => {
  const configHome = env['XDG_CONFIG_HOME'];
  const configDirs = (env['XDG_CONFIG_DIRS'] || '/etc/xdg').split(':').filter(isAbsolute);
  return [
    `${isAbsolute(configHome) ? configHome : `${home}/.config`}/upstart`,
    `${home}/.init`,
    ...configDirs.map((path) => `${path}/upstart`),
    ...(env['UPSTART_NO_SYSTEM_USERCONFDIR'] === undefined ? ['/usr/share/upstart/sessions'] : []),
  ];
};

/** The places of a user's session init. Without a home directory there are none, unless `confdirs` names some. */
export const userLocations = (options: LocationOptions = {}): UserLocations => {
  const { prepend = [], confdirs = [], append = [], env = {} } = options;
  const home = env['HOME'];
  if (confdirs.length === 0 && !isAbsolute(home)) {
    const message = 'HOME must be an absolute path: without it there is no place for job files (or give --confdir)';
    return { ok: false, code: 'no-home', message };
  }
  const usual = confdirs.length > 0 ? confdirs : xdgLocations(home ?? '', env);
  return { ok: true, locations: [...prepend, ...usual, ...append].map(directory) };
};
