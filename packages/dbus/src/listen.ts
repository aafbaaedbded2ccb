import { unlinkSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { closeFd, connectUnix, listenUnix, SystemError } from '@maverick/spawner';
import { parseAddress, type SocketAddress } from './address.js';
import { DBusError } from './dbus-error.js';
import { socketName, systemErrorToDBus } from './socket-address.js';

const listen = (address: SocketAddress): number => {
  const name = socketName(address);
  try {
    return listenUnix(name);
  } catch (error) {
    if (address.kind !== 'path' || !(error instanceof SystemError) || error.code !== 'EADDRINUSE') throw error;
    removeStale(name, error);
    return listenUnix(name);
  }
};

/** Remove a socket that a daemon which is gone left behind; one that somebody answers on stays. */
const removeStale = (path: string, inUse: SystemError): void => {
  try {
    closeFd(connectUnix(path));
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'ECONNREFUSED') throw inUse;
    unlinkSync(path);
    return;
  }
  throw inUse;
};

/**
 * Listen on the first address that can be listened on.
 * @throws DBusError with the system's text for the last one, if none can
 */
export const listenOnFirst = (addresses: readonly SocketAddress[]): { fd: number; at: SocketAddress } => {
  let failure: unknown;
  for (const at of addresses) {
    try {
      return { fd: listen(at), at };
    } catch (error) {
      failure = error;
    }
  }
  throw systemErrorToDBus(failure);
};

/**
 * Read an address to listen on. Beside what can be connected to, `unix:runtime=yes` is the socket `bus` in
 * `$XDG_RUNTIME_DIR`.
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`
 * @see D-Bus specification, "Unix Domain Sockets"
 */
export const parseListenAddress = (
  address: string,
  { XDG_RUNTIME_DIR: runtime }: { readonly XDG_RUNTIME_DIR?: string | undefined },
): readonly SocketAddress[] =>
  address.split(';').flatMap((entry) => (entry === 'unix:runtime=yes' ? runtimeSocket(runtime) : parseAddress(entry)));

const runtimeSocket = (runtime: string | undefined): SocketAddress => {
  if (runtime !== undefined && isAbsolute(runtime)) return { kind: 'path', name: join(runtime, 'bus') };
  throw new DBusError(
    'org.freedesktop.DBus.Error.BadAddress',
    "Could not use the D-Bus address 'unix:runtime=yes': XDG_RUNTIME_DIR is not set",
  );
};
