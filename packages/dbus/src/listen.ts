import { unlinkSync } from 'node:fs';
import { closeFd, connectUnix, listenUnix, SystemError } from '@maverick/spawner';
import type { SocketAddress } from './address.js';
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
