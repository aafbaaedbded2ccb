import { connectUnix } from '@maverick/spawner';
import { parseAddress, type SocketAddress } from './address.js';
import { Connection } from './connection.js';
import { EventStream } from './event-stream.js';
import { CLIENT_LIMITS } from './limits.js';
import { PrivateClient } from './private-client.js';
import { ClientHandshake } from './sasl.js';
import { socketName, systemErrorToDBus } from './socket-address.js';
import type { UpstartClient } from './upstart-client.js';

export interface ConnectOptions {
  /** The largest message that is accepted, in bytes. Default 32 MiB. */
  readonly maxMessageBytes?: number;
}

const connectToFirst = (addresses: readonly SocketAddress[]): number => {
  let failure: unknown;
  for (const address of addresses) {
    try {
      return connectUnix(socketName(address));
    } catch (error) {
      failure = error;
    }
  }
  throw systemErrorToDBus(failure);
};

/**
 * Connect to the private socket of a daemon.
 * Authentication and the first calls travel together, so a refused uid shows up as the failure of the first call.
 * @param address a D-Bus address, such as the content of `UPSTART_SESSION`; several, separated by `;`, are tried in turn
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`, `…NoServer`, `…FileNotFound`, `…AccessDenied`
 */
export const connect = async (address: string, options: ConnectOptions = {}): Promise<UpstartClient> => {
  const fd = connectToFirst(parseAddress(address));
  const limits = { ...CLIENT_LIMITS, messageBytes: options.maxMessageBytes ?? CLIENT_LIMITS.messageBytes };
  const events = new EventStream();
  let ended = (): void => {};
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const connection = new Connection(fd, new ClientHandshake(process.getuid?.() ?? 0), limits, {
    signalled: (_, signal) => events.push(signal),
    ended: () => {
      events.end();
      ended();
    },
  });
  return new PrivateClient(connection, events, closed);
};
