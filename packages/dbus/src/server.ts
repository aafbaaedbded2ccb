import type { UpstartModel } from './model.js';

export interface ServerOptions {
  /** Where to listen: `unix:abstract=…` or `unix:path=…`. */
  readonly address: string;
  /** Hears what went wrong with a connection, for the log. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

/** A private socket that answers for a daemon. */
export interface UpstartServer {
  readonly address: string;
  /** How many clients are connected and authenticated. */
  readonly connections: number;
  /** Stop listening and end every connection; what was already answered is still sent. */
  close(): void;
}

/**
 * Listen on a private socket: no bus daemon, point to point, for uid 0 and the daemon's own uid only.
 * @throws DBusError with the system's text if the address can't be listened on
 */
export const createServer = (_model: UpstartModel, _options: ServerOptions): UpstartServer => {
  throw new Error('not there yet');
};
