import type { Notification } from '@maverick/engine';
import type { Call } from './call.js';
import type { Connection } from './connection.js';
import { dbusError } from './error-names.js';
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
  private readonly warn: (message: string) => void;
  private readonly unsubscribe: () => void;

  /**
   * @param daemonUid whose user may change things, beside root
   * @param warn hears of what could not be said on D-Bus
   */
  constructor(model: UpstartModel, daemonUid: number, warn: (message: string) => void) {
    this.model = model;
    this.daemonUid = daemonUid;
    this.warn = warn;
    this.unsubscribe = model.subscribe((notification) => this.broadcast(notification));
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
        ok: (signature, body) => {
          try {
            connection.reply(message, signature, body);
          } catch (error) {
            connection.replyError(message, dbusError('Failed', textOf(error)));
          }
        },
        fail: (error) => connection.replyError(message, error),
      },
    );
  }

  /** End every connection, and hear nothing of the daemon any more. */
  close(): void {
    this.unsubscribe();
    for (const connection of [...this.connections]) connection.close();
  }

  private broadcast(notification: Notification): void {
    if (this.connections.size === 0) return;
    const signal = signalOf(notification);
    if (!signal) return;
    try {
      const { bytes, fds } = encode(signal);
      for (const connection of this.connections) connection.sendEncoded({ bytes: Buffer.from(bytes), fds });
    } catch (error) {
      // The daemon is at work when it tells us: what D-Bus can't carry (a NUL, say) must not reach it as an exception.
      this.warn(`Unable to signal ${signal.member}: ${textOf(error)}`);
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
