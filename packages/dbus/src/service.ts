import type { Notification } from '@maverick/engine';
import { answerInstance, answerPlainly, type Call } from './call.js';
import type { ClientLink } from './client-link.js';
import type { AnsweredCall, Connection } from './connection.js';
import { dbusError } from './error-names.js';
import type { Answer } from './implementation.js';
import type { KeptCall } from './kept.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import type { ModelChange, PeerCredentials, UpstartModel } from './model.js';
import { DAEMON_NAME } from './pretended-bus.js';
import { PropertyChanges } from './property-changes.js';
import { type Reply, route } from './router.js';
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
  /** The calls of each connection that wait for their answers. */
  private readonly waiting = new Map<Connection, Set<KeptCall>>();
  /** Those on a private socket that take it for a bus: they must be told who a signal is from. */
  private readonly pretended = new Set<Connection>();
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
    this.waiting.delete(connection);
    this.pretended.delete(connection);
  }

  /** The calls of a connection that have no answer yet. */
  callsOf(connection: Connection): readonly KeptCall[] {
    return [...(this.waiting.get(connection) ?? [])];
  }

  /** Answer, when it is time, what an earlier daemon in this process was asked on this connection. */
  resume(connection: Connection, calls: readonly KeptCall[]): void {
    for (const call of calls) {
      const { serial, sender, token, namesInstance } = call;
      this.remember(connection, call);
      const reply = this.replyTo(
        connection,
        { serial, noReply: false, ...(sender === undefined ? {} : { sender }) },
        () => this.forget(connection, call),
      );
      const answer: Answer<readonly string[]> = Object.assign(
        (...values: readonly string[]) => reply.ok(namesInstance ? 'o' : '', values),
        { fail: reply.fail },
      );
      this.model.awaitAnswer?.(token, namesInstance ? answerInstance(answer) : answerPlainly(answer));
    }
  }

  pretendsBus(connection: Connection): boolean {
    return this.pretended.has(connection);
  }

  /** From now on the signals to this connection have a sender, as on a bus. */
  pretendBus(connection: Connection): void {
    if (this.connections.has(connection)) this.pretended.add(connection);
  }

  /** Answer one call. */
  answer(
    connection: Connection,
    { peer, client }: CallOrigin,
    message: Received<CallMessage>,
    keepFd: Call['keepFd'],
  ): void {
    const { model, daemonUid } = this;
    let call: KeptCall | undefined;
    let isAnswered = false;
    const reply = this.replyTo(connection, message, () => {
      isAnswered = true;
      if (call) this.forget(connection, call);
    });
    const waits = (token: number, namesInstance: boolean): void => {
      if (isAnswered || message.noReply) return;
      const { serial, sender } = message;
      call = { serial, token, namesInstance, ...(sender === undefined ? {} : { sender }) };
      this.remember(connection, call);
    };
    route({ peer, client, model, daemonUid, message, keepFd, waits }, reply);
  }

  /** Send a signal on one connection. What D-Bus can't carry (a NUL, say) must not reach the daemon as an exception. */
  signal(connection: Connection, signal: SignalMessage): void {
    this.attempt(signal, () => connection.send(this.pretended.has(connection) ? fromDaemon(signal) : signal));
  }

  /** Hear nothing of the daemon any more; the connections are left to who goes on. */
  leave(): void {
    this.unsubscribe();
    this.connections.clear();
  }

  /** End every connection, and hear nothing of the daemon any more. */
  close(): void {
    this.unsubscribe();
    for (const connection of [...this.connections]) connection.close();
  }

  private replyTo(connection: Connection, call: AnsweredCall, answered: () => void): Reply {
    return {
      ok: (signature, body) => {
        answered();
        try {
          connection.reply(call, signature, body);
        } catch (error) {
          connection.replyError(call, dbusError('Failed', textOf(error)));
        }
      },
      fail: (error) => {
        answered();
        connection.replyError(call, error);
      },
    };
  }

  private remember(connection: Connection, call: KeptCall): void {
    const calls = this.waiting.get(connection) ?? new Set();
    this.waiting.set(connection, calls.add(call));
  }

  private forget(connection: Connection, call: KeptCall): void {
    const calls = this.waiting.get(connection);
    calls?.delete(call);
    if (calls?.size === 0) this.waiting.delete(connection);
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
      const plain = encode(signal);
      const named = this.pretended.size > 0 ? encode(fromDaemon(signal)) : plain;
      for (const connection of this.connections) {
        const { bytes, fds } = this.pretended.has(connection) ? named : plain;
        connection.sendEncoded({ bytes: Buffer.from(bytes), fds });
      }
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

const fromDaemon = (signal: SignalMessage): SignalMessage => ({ sender: DAEMON_NAME, ...signal });

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
