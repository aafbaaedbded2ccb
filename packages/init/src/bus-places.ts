import { serviceDirectories } from '@maverick/dbus';
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

/** A variable that is set to nothing counts as not set. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** The bus of the machine: the daemon is its init. */
export const systemBus = (env: Environment): BusPlace => ({
  address: set(env.DBUS_SYSTEM_BUS_ADDRESS) ?? SYSTEM_BUS_ADDRESS,
  bus: 'system',
  title: 'D-Bus system bus',
  serviceDirectories: serviceDirectories('system', env),
});

/** The bus of a session, where the environment knows one. */
export const sessionBus = (env: Environment): BusPlace => {
  const address = set(env.DBUS_SESSION_BUS_ADDRESS);
  return {
    ...(address === undefined ? {} : { address }),
    bus: 'session',
    title: 'D-Bus session bus',
    serviceDirectories: serviceDirectories('session', env),
  };
};
