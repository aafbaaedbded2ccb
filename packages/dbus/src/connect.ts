import { BusRemote } from './bus-remote.js';
import { connectSocketWhenFree } from './connect-socket.js';
import { type ConnectTarget, resolveTarget } from './connect-target.js';
import { Connection, type ConnectionListener } from './connection.js';
import { CLIENT_LIMITS } from './limits.js';
import { RemoteClient } from './remote-client.js';
import { ClientHandshake } from './sasl.js';
import { SignalHub } from './signal-source.js';
import type { UpstartClient } from './upstart-client.js';

export interface ConnectOptions {
  /** The largest message that is accepted, in bytes. Default 32 MiB. */
  readonly maxMessageBytes?: number;
}

const openConnection = async (
  address: string,
  uid: number,
  options: ConnectOptions,
  listener: ConnectionListener,
): Promise<Connection> => {
  const limits = { ...CLIENT_LIMITS, messageBytes: options.maxMessageBytes ?? CLIENT_LIMITS.messageBytes };
  return new Connection(await connectSocketWhenFree(address), new ClientHandshake(uid), limits, listener);
};

/**
 * Connect to a daemon: at the private socket of an address (such as the content of `UPSTART_SESSION`; several, separated
 * by `;`, are tried in turn), or through a bus. Without a target the environment says which, as `initctl` understands it:
 * the Session Init of `UPSTART_SESSION`, else the init of the system.
 *
 * Authentication and the first calls travel together, so a refused uid shows up as the failure of the first call,
 * with what the daemon says of it. On a
 * bus the daemon may come and go while this connection lasts; calls meanwhile reject with
 * `org.freedesktop.DBus.Error.NameHasNoOwner`, and a call that was under way with `…NoReply`.
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`, `…NoServer`, `…FileNotFound`, `…AccessDenied`
 */
export const connect = async (target?: ConnectTarget, options: ConnectOptions = {}): Promise<UpstartClient> => {
  const uid = process.getuid?.() ?? 0;
  const { address, busName } = resolveTarget(target, process.env, uid);
  let ended = (): void => {};
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const hub = new SignalHub();
  let bus: BusRemote | undefined;
  const connection = await openConnection(address, uid, options, {
    signalled: (_, signal) => (bus ?? hub).signalled(signal),
    ended: () => {
      (bus?.signals ?? hub).ended();
      ended();
    },
  });
  if (busName !== undefined) bus = new BusRemote(connection, busName);
  return new RemoteClient(bus ?? connection, { closed, close: () => connection.close(), signals: bus?.signals ?? hub });
};
