import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isWellKnownName } from './names.js';

/** What a file says of a service that a bus can activate. @see D-Bus specification, "Message Bus Starting Services" */
export interface ServiceFile {
  readonly path: string;
  /** The bus name. */
  readonly name: string | undefined;
  readonly exec: string | undefined;
  /** `SystemdService`: what the bus asks for where it hands activation on. */
  readonly unit: string | undefined;
}

/** The environment variables that say where they are. */
export interface ServiceEnvironment {
  readonly HOME?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
  readonly XDG_DATA_HOME?: string | undefined;
  readonly XDG_DATA_DIRS?: string | undefined;
}

/** @see dbus-daemon(1), `standard_system_servicedirs` */
const SYSTEM_SERVICES = ['/run', '/etc', '/usr/local/share', '/usr/share', '/lib'].map(
  (place) => `${place}/dbus-1/system-services`,
);

/** A variable that is set to nothing counts as not set. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** @see dbus-daemon(1), `standard_session_servicedirs` */
const sessionServices = ({ XDG_RUNTIME_DIR, XDG_DATA_HOME, XDG_DATA_DIRS, HOME }: ServiceEnvironment): string[] => {
  const home = set(XDG_DATA_HOME) ?? (set(HOME) === undefined ? '' : join(HOME ?? '', '.local/share'));
  const shared = (set(XDG_DATA_DIRS) ?? '/usr/local/share:/usr/share').split(':');
  return [XDG_RUNTIME_DIR ?? '', home, ...shared].filter(isAbsolute).map((place) => join(place, 'dbus-1/services'));
};

/** Where a bus looks for service files, the first first. */
export const serviceDirectories = (bus: 'system' | 'session', env: ServiceEnvironment): readonly string[] =>
  bus === 'system' ? SYSTEM_SERVICES : sessionServices(env);

/** The value of a key in the only section of a D-Bus service file. */
const keyIn = (text: string, key: string): string | undefined =>
  new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, 'm').exec(text)?.[1];

const filesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory).filter((file) => file.endsWith('.service'));
  } catch {
    return [];
  }
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** All service files that count: of two with the same file name the first. @param directories the first first */
export const readServiceFiles = (directories: readonly string[]): readonly ServiceFile[] => {
  const paths = new Map<string, string>();
  for (const directory of directories) {
    for (const file of filesIn(directory)) if (!paths.has(file)) paths.set(file, join(directory, file));
  }
  return [...paths.values()].map((path) => {
    const text = read(path);
    return { path, name: keyIn(text, 'Name'), exec: keyIn(text, 'Exec'), unit: keyIn(text, 'SystemdService') };
  });
};

/**
 * The bus names that a unit stands for: those whose service files name it as their `SystemdService`, else itself where it
 * is one. The bus tells the unit only.
 * @param directories where the bus looks for service files, the first first
 */
export const namesOfUnit = (unit: string, directories: readonly string[]): readonly string[] => {
  const named = readServiceFiles(directories).flatMap((file) => (file.unit === unit ? (file.name ?? []) : []));
  const names = new Set(named.filter(isWellKnownName));
  // `some.service` is as good a name as `com.example.Server`: files that tell more come first.
  if (names.size === 0 && isWellKnownName(unit)) names.add(unit);
  return [...names];
};
