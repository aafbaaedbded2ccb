import { SYSTEM_ADDRESS } from './address.js';

/** The name that a daemon has on a bus. */
export const BUS_NAME = 'com.ubuntu.Upstart';

/** A daemon that is reached through a bus. */
export interface BusTarget {
  /** The bus of the system, that of the session, or the one at this address. */
  readonly bus: 'system' | 'session' | (string & {});
  /** The daemon's name there. Default `com.ubuntu.Upstart`. */
  readonly name?: string;
}

/** Which daemon: the address of its private socket, or a bus. */
export type ConnectTarget = string | BusTarget;

/** The environment variables that say where buses and daemons are. */
export interface AddressEnvironment {
  readonly UPSTART_SESSION?: string | undefined;
  readonly DBUS_SYSTEM_BUS_ADDRESS?: string | undefined;
  readonly DBUS_SESSION_BUS_ADDRESS?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** Where to connect to, and whose answers are wanted there. */
export interface ResolvedTarget {
  /** One or more addresses. */
  readonly address: string;
  /** Absent on a private socket. */
  readonly busName?: string;
}

const SYSTEM_BUS_ADDRESS = 'unix:path=/var/run/dbus/system_bus_socket';

/** A variable that is set to nothing counts as not set. */
const set = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

const busAddress = (bus: string, env: AddressEnvironment): string => {
  if (bus === 'system') return set(env.DBUS_SYSTEM_BUS_ADDRESS) ?? SYSTEM_BUS_ADDRESS;
  if (bus !== 'session') return bus;
  const runtime = set(env.XDG_RUNTIME_DIR);
  // Without either there is no session bus: the empty address says so.
  return set(env.DBUS_SESSION_BUS_ADDRESS) ?? (runtime === undefined ? '' : `unix:path=${runtime}/bus`);
};

/**
 * The daemon that is meant where nobody says which: the Session Init of `UPSTART_SESSION`, else the init of the system,
 * which root reaches by its private socket and everybody else by the system bus.
 * @see initctl(8), "OPTIONS"
 */
const defaultTarget = (env: AddressEnvironment, uid: number): ConnectTarget =>
  set(env.UPSTART_SESSION) ?? (uid === 0 ? SYSTEM_ADDRESS : { bus: 'system' });

/** Find out where to connect to. */
export const resolveTarget = (
  target: ConnectTarget | undefined,
  env: AddressEnvironment,
  uid: number,
): ResolvedTarget => {
  const chosen = target ?? defaultTarget(env, uid);
  if (typeof chosen === 'string') return { address: chosen };
  return { address: busAddress(chosen.bus, env), busName: chosen.name ?? BUS_NAME };
};
