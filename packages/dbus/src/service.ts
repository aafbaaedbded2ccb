import type { Call } from './call.js';
import type { Connection } from './connection.js';
import type { CallMessage, Received } from './message.js';
import type { PeerCredentials, UpstartModel } from './model.js';
import { route } from './router.js';
import { signalOf } from './signals.js';
import { encode } from './wire.js';

/**
 * A daemon on D-Bus: answers the calls of every connection that is attached, and tells all of them what happens.
 * How connections come to be is not its matter.
 */
export class UpstartService {
  private readonly model: UpstartModel;
  private readonly daemonUid: number;
  private readonly connections = new Set<Connection>();
  private readonly unsubscribe: () => void;

  /** @param daemonUid whose user may change things, beside root */
  constructor(model: UpstartModel, daemonUid: number) {
    this.model = model;
    this.daemonUid = daemonUid;
    this.unsubscribe = model.subscribe((notification) => {
      if (this.connections.size === 0) return;
      const signal = signalOf(notification);
      if (!signal) return;
      const { bytes, fds } = encode(signal);
      for (const connection of this.connections) connection.sendEncoded({ bytes: Buffer.from(bytes), fds });
    });
  }

  get size(): number {
    return this.connections.size;
  }

  /** From now on this connection hears every signal. */
  attach(connection: Connection): void {
    this.connections.add(connection);
  }

  detach(connection: Connection): void {
    this.connections.delete(connection);
  }

  /** Answer one call of a peer. */
  answer(connection: Connection, peer: PeerCredentials, message: Received<CallMessage>, keepFd: Call['keepFd']): void {
    route(
      { model: this.model, daemonUid: this.daemonUid, peer, message, keepFd },
      {
        ok: (signature, body) => connection.reply(message, signature, body),
        fail: (error) => connection.replyError(message, error),
      },
    );
  }

  /** End every connection, and hear nothing of the daemon any more. */
  close(): void {
    this.unsubscribe();
    for (const connection of [...this.connections]) connection.close();
  }
}
