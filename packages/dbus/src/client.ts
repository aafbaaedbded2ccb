import type { UpstartClient } from './upstart-client.js';

export interface ConnectOptions {
  /** The largest message that is accepted, in bytes. Default 32 MiB. */
  readonly maxMessageBytes?: number;
}

/**
 * Connect to the private socket of a daemon.
 * Authentication and the first calls travel together, so a refused uid shows up as the failure of the first call.
 * @param address a D-Bus address, such as the content of `UPSTART_SESSION`; several, separated by `;`, are tried in turn
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`, `…NoServer`, `…FileNotFound`, `…AccessDenied`
 */
export const connect = async (_address: string, _options: ConnectOptions = {}): Promise<UpstartClient> => {
  throw new Error('not there yet');
};
