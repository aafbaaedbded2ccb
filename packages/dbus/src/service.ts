import type { Notification, SessionId } from '@maverick/engine';
import { Audience } from './audience.js';
import { answerInstance, answerPlainly, type Call, viewIn } from './call.js';
import type { ClientLink } from './client-link.js';
import type { AnsweredCall, Connection } from './connection.js';
import { dbusError } from './error-names.js';
import type { Answer } from './implementation.js';
import type { KeptCall } from './kept.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import type { Contact, ModelChange, PeerCredentials, UpstartModel } from './model.js';
import { SYSTEM_SESSION } from './object-path.js';
import { DAEMON_NAME } from './pretended-bus.js';
import { PropertyChanges } from './property-changes.js';
import { type Reply, route } from './router.js';
import { signalOf } from './signals.js';
import { encode } from './wire.js';

/** Who made a call. */
export interface CallOrigin {
  readonly peer: PeerCredentials;
  readonly client: ClientLink;
  /** Where they are by the way they have come, whatever else is known of them. */
  readonly session?: SessionId;
}

/**
 * A daemon on D-Bus: answers the calls of every connection that is attached, and tells all of them what happens.
 * How connections come to be is not its matter.
 */
export class UpstartService {
  private readonly model: UpstartModel;
  private readonly daemonUid: number;
  private readonly audience = new Audience();
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

  /**
   * From now on this connection hears what happens: in the session of its client, and in the system's where they may look at it.
   * @param origin whose connection it is. Default: a bus, with many clients
   */
  attach(connection: Connection, origin?: CallOrigin): void {
    this.connections.add(connection);
    if (origin === undefined) this.audience.add(connection);
    else this.seat(connection, origin, this.contactOf(origin));
  }

  detach(connection: Connection): void {
    this.connections.delete(connection);
    this.audience.remove(connection);
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
  answer(connection: Connection, origin: CallOrigin, message: Received<CallMessage>, keepFd: Call['keepFd']): void {
    const { peer, client } = origin;
    const { daemonUid } = this;
    const contact = this.contactOf(origin);
    if (message.sender === undefined) this.seat(connection, origin, contact);
    else if (contact.ok) this.audience.seat(client, contact.session);
    const model = contact.ok ? viewIn(this.model, contact.session, true) : undefined;
    if (!contact.ok || model === undefined) {
      connection.replyError(message, contact.ok ? unknownSession(contact.session) : contact.error);
      return;
    }
    const { session } = contact;
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
    route({ peer, client, model, session, daemonUid, message, keepFd, waits }, reply);
  }

  /** Send a signal on one connection. What D-Bus can't carry (a NUL, say) must not reach the daemon as an exception. */
  signal(connection: Connection, signal: SignalMessage): void {
    this.attempt(signal, () => connection.send(this.pretended.has(connection) ? fromDaemon(signal) : signal));
  }

  /** Hear nothing of the daemon any more; the connections are left to who goes on. */
  leave(): void {
    this.unsubscribe();
    this.connections.clear();
    this.audience.clear();
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

  /** Somebody whose session is not known hears nothing. */
  private seat(connection: Connection, { client }: CallOrigin, contact: Contact): void {
    const session = contact.ok ? contact.session : undefined;
    // As at the last call, and as it mostly is.
    if (session === SYSTEM_SESSION && client.session === session && this.audience.connections.has(connection)) return;
    if (session !== undefined) this.audience.seat(client, session);
    const looksAtSystem =
      session === SYSTEM_SESSION || (session !== undefined && viewIn(this.model, session)?.jobsBeside !== undefined);
    if (looksAtSystem && this.connections.has(connection)) this.audience.add(connection);
    else this.audience.remove(connection);
  }

  private contactOf({ peer, session }: CallOrigin): Contact {
    if (session !== undefined) return { ok: true, session };
    return this.model.contact?.(peer) ?? IN_SYSTEM;
  }

  private tell(news: Notification | ModelChange): void {
    if (this.audience.isEmpty) return;
    const signal = signalOf(news);
    if (signal) this.broadcast(sessionOf(news), signal);
    if (!this.changes.note(news) || this.flushing) return;
    // A job passes many states in one turn of the event loop: who listens to properties needs only the last.
    this.flushing = true;
    setImmediate(() => this.tellChanges());
  }

  private tellChanges(): void {
    this.flushing = false;
    for (const [session, signal] of this.changes.take(this.model)) this.broadcast(session, signal);
  }

  private broadcast(session: SessionId, signal: SignalMessage): void {
    if (session !== SYSTEM_SESSION) {
      for (const client of this.audience.guestsOf(session)) client.signal(signal);
      return;
    }
    this.attempt(signal, () => {
      const plain = encode(signal);
      const named = this.pretended.size > 0 ? encode(fromDaemon(signal)) : plain;
      for (const connection of this.audience.connections) {
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

const IN_SYSTEM: Contact = { ok: true, session: SYSTEM_SESSION };

/** It has closed since its caller was let in. */
const unknownSession = (session: SessionId) => dbusError('UnknownSession', `Unknown session: ${session}`);

/** News of an instance, of a job, or of an event; of the daemon as a whole: the system's. */
const sessionOf = (news: Notification | ModelChange): SessionId => {
  if ('instance' in news && news.instance !== undefined) return news.instance.session;
  return 'session' in news ? news.session : SYSTEM_SESSION;
};

const fromDaemon = (signal: SignalMessage): SignalMessage => ({ sender: DAEMON_NAME, ...signal });

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
