import { isAbsolute, join } from 'node:path';
import type { Environment } from './directories.js';

/** The bus of a kind of daemon. */
export interface BusPlace {
  /** Absent: nothing says where it is, so whoever starts it has to tell. */
  readonly address?: string;
  readonly bus: 'system' | 'session';
  /** As messages call it. */
  readonly title: string;
  /** Where the bus looks for service files, the first first. */
  readonly serviceDirectories: readonly string[];
}

const SYSTEM_BUS_ADDRESS = 'unix:path=/var/run/dbus/system_bus_socket';

/** @see dbus-daemon(1), `standard_system_servicedirs` */
const SYSTEM_SERVICES = ['/run', '/etc', '/usr/local/share', '/usr/share', '/lib'].map(
  (place) => `${place}/dbus-1/system-services`,
);

/** A variable that is set to nothing counts as not set. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** @see dbus-daemon(1), `standard_session_servicedirs` */
const sessionServices = ({ XDG_RUNTIME_DIR, XDG_DATA_HOME, XDG_DATA_DIRS, HOME }: Environment): string[] => {
  const home = set(XDG_DATA_HOME) ?? (set(HOME) === undefined ? '' : join(HOME ?? '', '.local/share'));
  const shared = (set(XDG_DATA_DIRS) ?? '/usr/local/share:/usr/share').split(':');
  return [XDG_RUNTIME_DIR ?? '', home, ...shared].filter(isAbsolute).map((place) => join(place, 'dbus-1/services'));
};

/** The bus of the machine: the daemon is its init. */
export const systemBus = (env: Environment): BusPlace => ({
  address: set(env.DBUS_SYSTEM_BUS_ADDRESS) ?? SYSTEM_BUS_ADDRESS,
  bus: 'system',
  title: 'D-Bus system bus',
  serviceDirectories: SYSTEM_SERVICES,
});

/** The bus of a session, where the environment knows one. */
export const sessionBus = (env: Environment): BusPlace => {
  const address = set(env.DBUS_SESSION_BUS_ADDRESS);
  return {
    ...(address === undefined ? {} : { address }),
    bus: 'session',
    title: 'D-Bus session bus',
    serviceDirectories: sessionServices(env),
  };
};
