import type { Notification } from '@maverick/engine';
import type { Call } from './call.js';
import type { ClientLink } from './client-link.js';
import type { Connection } from './connection.js';
import { dbusError } from './error-names.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import type { ModelChange, PeerCredentials, UpstartModel } from './model.js';
import { PropertyChanges } from './property-changes.js';
import { route } from './router.js';
import { signalOf } from './signals.js';
import { encode } from './wire.js';

/** Who made a call. */
export interface CallOrigin {
  readonly peer: PeerCredentials;
  readonly client: ClientLink;
}

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
  private readonly changes = new PropertyChanges();
  private flushing = false;

  /**
   * @param daemonUid whose user may change things, beside root
   * @param warn hears of what could not be said on D-Bus
   */
  constructor(model: UpstartModel, daemonUid: number, warn: (message: string) => void) {
    this.model = model;
    this.daemonUid = daemonUid;
    this.warn = warn;
    this.unsubscribe = model.subscribe((news) => this.tell(news));
  }

  /** How many hear of what happens. */
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

  /** Answer one call. */
  answer(connection: Connection, origin: CallOrigin, message: Received<CallMessage>, keepFd: Call['keepFd']): void {
    route(
      { ...origin, model: this.model, daemonUid: this.daemonUid, message, keepFd },
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

  /** Send a signal on one connection. What D-Bus can't carry (a NUL, say) must not reach the daemon as an exception. */
  signal(connection: Connection, signal: SignalMessage): void {
    this.attempt(signal, () => connection.send(signal));
  }

  /** End every connection, and hear nothing of the daemon any more. */
  close(): void {
    this.unsubscribe();
    for (const connection of [...this.connections]) connection.close();
  }

  private tell(news: Notification | ModelChange): void {
    if (this.connections.size === 0) return;
    const signal = signalOf(news);
    if (signal) this.broadcast(signal);
    if (!this.changes.note(news) || this.flushing) return;
    // A job passes many states in one turn of the event loop: who listens to properties needs only the last.
    this.flushing = true;
    setImmediate(() => this.tellChanges());
  }

  private tellChanges(): void {
    this.flushing = false;
    for (const signal of this.changes.take(this.model)) this.broadcast(signal);
  }

  private broadcast(signal: SignalMessage): void {
    this.attempt(signal, () => {
      const { bytes, fds } = encode(signal);
      for (const connection of this.connections) connection.sendEncoded({ bytes: Buffer.from(bytes), fds });
    });
  }

  /** The daemon is at work when it tells us: what fails here must not reach it. */
  private attempt({ member }: SignalMessage, send: () => void): void {
    try {
      send();
    } catch (error) {
      this.warn(`Unable to signal ${member}: ${textOf(error)}`);
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
