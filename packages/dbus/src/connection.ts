import { closeFd } from '@maverick/spawner/unix-sockets';
import { callError, disconnected } from './call-errors.js';
import type { CallOptions } from './call-options.js';
import { dbusError } from './error-names.js';
import { Framer } from './framer.js';
import type { KeptConnection } from './kept.js';
import type { ConnectionLimits } from './limits.js';
import type { CallMessage, Message, Received, ReturnMessage, SignalMessage } from './message.js';
import { PendingCalls } from './pending-calls.js';
import { ProtocolError } from './protocol-error.js';
import type { Handshake } from './sasl.js';
import { SocketStream } from './transport.js';
import type { Work } from './turns.js';
import type { Value } from './value.js';
import { BodyError, type Decoded, decode, type Encoded, encode, stampSerial } from './wire.js';

/** Who hears of a connection. */
export interface ConnectionListener {
  /** Authentication is over; from now on messages come. */
  ready?(connection: Connection): void;
  /** Answer with {@link Connection.reply} or {@link Connection.replyError}, now or later. `keepFd` takes over a descriptor of the body (`fds` are all of them); the others are closed when this returns. */
  called?(
    connection: Connection,
    call: Received<CallMessage>,
    keepFd: (fd: number) => void,
    fds: ReadonlySet<number>,
    /** The bytes of the whole message. */
    size: number,
  ): void;
  signalled?(connection: Connection, signal: Received<SignalMessage>): void;
  /** Comes once. `cause` is absent where either side ended the connection regularly. */
  ended?(connection: Connection, cause?: Error): void;
}

/** How a connection begins. */
interface ConnectionStart {
  /** As what it goes on: {@link Connection.resume} is to be called next. Default: it is new. */
  readonly kept?: KeptConnection | undefined;
  /** Has the connection wait for its turn, whenever there is something to be read: one message a turn. Default: it need not. */
  readonly lineUp?: ((work: Work) => void) | undefined;
}

/** What of a call is needed to answer it. */
export type AnsweredCall = Pick<Received<CallMessage>, 'serial' | 'sender' | 'noReply'>;

/** A call to be made: everything but what the connection itself adds. */
export type OutgoingCall = Omit<CallMessage, 'kind' | 'noReply'>;

const MAX_SERIAL = 0xffffffff;
const NOTHING = Buffer.alloc(0);

/** A D-Bus connection, either side of it, private or to a bus: authentication, then messages both ways. */
export class Connection {
  private readonly stream: SocketStream;
  private readonly handshake: Handshake;
  private readonly listener: ConnectionListener;
  private readonly limits: ConnectionLimits;
  private readonly framer: Framer;
  private readonly pending = new PendingCalls();
  /** Messages with descriptors, and all after them, must not leave before the peer has agreed to descriptors. */
  private held: Encoded[] = [];
  private fds: number[] = [];
  private state: 'authenticating' | 'open' | 'ended' = 'authenticating';
  /** Why it has ended, where that was not regular. */
  private failure: Error | undefined;
  private lastSerial = 0;
  private deadline: NodeJS.Timeout | undefined;
  /** What the peer has said while it authenticates. */
  private said: Buffer[] = [];
  private readonly lineUp: ConnectionStart['lineUp'];
  private readonly work: Work = { next: () => this.takeTurn() };
  private inLine = false;

  /** Takes over the connected socket `fd`. */
  constructor(
    fd: number,
    handshake: Handshake,
    limits: ConnectionLimits,
    listener: ConnectionListener,
    { kept, lineUp }: ConnectionStart = {},
  ) {
    this.handshake = handshake;
    this.listener = listener;
    this.limits = limits;
    this.framer = new Framer(limits.messageBytes);
    this.lineUp = lineUp;
    this.stream = new SocketStream(fd, limits, {
      received: (bytes, fds) => this.received(bytes, fds),
      comes: lineUp && (() => this.waitForTurn()),
      ended: (cause) => this.ended(cause),
    });
    if (kept === undefined && handshake.opening !== '') this.stream.write(Buffer.from(handshake.opening, 'latin1'));
    if (Number.isFinite(limits.authenticationMs)) {
      const late = () => this.stream.close(new ProtocolError('the authentication takes too long'));
      this.deadline = setTimeout(late, limits.authenticationMs).unref();
    }
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Go on where the connection was handed over. Its listener is told that it is ready, where it is. */
  resume({ serial, unread, fds, unsent, handshake }: KeptConnection): void {
    this.lastSerial = serial;
    this.fds.push(...fds);
    this.framer.push(Buffer.from(unread, 'base64'));
    if (unsent !== '') this.stream.write(Buffer.from(unsent, 'base64'));
    if (handshake === undefined) {
      clearTimeout(this.deadline);
      this.state = 'open';
      this.listener.ready?.(this);
    } else if (handshake !== '') {
      const said = Buffer.from(handshake, 'base64');
      this.said.push(said);
      // Its answers have been sent already.
      this.handshake.feed(said);
    }
    // Whole messages may be among what has come; not before everybody is told that it goes on.
    setImmediate(() => this.stream.attempt(() => this.readMessages()));
  }

  /** Stop here and leave the socket open, for who goes on with it: nothing is lost, and the peer does not notice. */
  handOver(): KeptConnection {
    const { fd, unsent } = this.stream.handOver();
    const isAuthenticating = this.state === 'authenticating';
    this.state = 'ended';
    clearTimeout(this.deadline);
    return {
      fd,
      serial: this.lastSerial,
      unread: this.framer.rest.toString('base64'),
      fds: this.fds,
      unsent: unsent.toString('base64'),
      ...(isAuthenticating ? { handshake: Buffer.concat(this.said).toString('base64') } : {}),
    };
  }

  /**
   * Call a method and wait for its answer, without a time limit of its own. Descriptors in the answer are the caller's to close.
   * @throws DBusError what the other side answered; `org.freedesktop.DBus.Error.Disconnected` if the connection ends first
   */
  call(call: OutgoingCall, { signal }: CallOptions = {}): Promise<Received<ReturnMessage>> {
    const encoded = encode({ ...call, kind: 'call', noReply: false });
    return new Promise((resolve, reject) => {
      if (this.state === 'ended') return reject(disconnected(this.failure));
      if (signal?.aborted) return reject(signal.reason);
      this.pending.add(this.sendEncoded(encoded), { resolve, reject }, signal);
    });
  }

  send(message: Message): void {
    this.sendEncoded(encode(message));
  }

  /** Send a message whose bytes are this connection's from now on. @returns its serial number */
  sendEncoded(encoded: Encoded): number {
    this.lastSerial = this.lastSerial === MAX_SERIAL ? 1 : this.lastSerial + 1;
    stampSerial(encoded.bytes, this.lastSerial);
    if (this.state === 'authenticating' && (encoded.fds.length > 0 || this.held.length > 0)) this.held.push(encoded);
    else this.stream.write(encoded.bytes, encoded.fds);
    return this.lastSerial;
  }

  /** Answer a call; does nothing where the caller wants no answer. */
  reply(call: AnsweredCall, signature: string, body: readonly Value[]): void {
    if (call.noReply) return;
    const answer = { kind: 'return', replySerial: call.serial, signature, body } as const;
    this.send(call.sender === undefined ? answer : { ...answer, destination: call.sender });
  }

  /** Answer a call with an error; does nothing where the caller wants no answer. */
  replyError(call: AnsweredCall, { name, message }: { name: string; message: string }): void {
    if (call.noReply) return;
    const text = { signature: 's', body: [message] };
    this.send({ kind: 'error', replySerial: call.serial, errorName: name, ...text, ...replyTo(call) });
  }

  /** End the connection, for a cause or regularly. What was sent before still leaves as far as the socket takes it. */
  close(cause?: Error): void {
    this.stream.close(cause);
  }

  private received(bytes: Buffer, fds: readonly number[]): void {
    this.fds.push(...fds);
    if (this.fds.length > this.limits.descriptors) {
      throw new ProtocolError('too many descriptors wait for their message');
    }
    this.framer.push(this.state === 'authenticating' ? this.authenticate(bytes) : bytes);
    this.readMessages();
  }

  /** @returns what belongs to the messages that follow */
  private authenticate(bytes: Buffer): Buffer {
    this.said.push(bytes);
    const { send, outcome } = this.handshake.feed(bytes);
    if (send !== '') this.stream.write(Buffer.from(send, 'latin1'));
    if (outcome.kind === 'failed') throw new ProtocolError(outcome.reason);
    if (outcome.kind === 'more') return NOTHING;
    this.said = [];
    clearTimeout(this.deadline);
    this.state = 'open';
    if (!outcome.passesDescriptors && (this.held.length > 0 || this.fds.length > 0)) {
      throw new ProtocolError('descriptors can not be passed on this connection');
    }
    for (const { bytes, fds } of this.held.splice(0)) this.stream.write(bytes, fds);
    this.listener.ready?.(this);
    return outcome.rest;
  }

  private readMessages(): void {
    if (this.lineUp === undefined) while (this.readMessage());
    else if (!this.inLine && this.framer.hasNext) this.waitForTurn();
  }

  /** @returns whether there was one */
  private readMessage(): boolean {
    const bytes = this.state === 'open' ? this.framer.next() : undefined;
    if (!bytes) return false;
    const { message, fdCount } = this.decode(bytes);
    const fds = this.fds.splice(0, fdCount);
    if (message) this.take(message, new Set(fds), bytes.length);
    else closeAll(fds);
    return true;
  }

  /** What comes while the connection is in line already need not be told again and again. */
  private waitForTurn(): void {
    if (this.inLine) this.stream.hold(true);
    this.inLine = true;
    this.lineUp?.(this.work);
  }

  /** Take one message; where none is there, first look for it in the socket. @returns whether another one is there */
  private takeTurn(): boolean {
    let isReady = false;
    try {
      this.stream.attempt(() => {
        if (!this.framer.hasNext) this.stream.receive();
        this.readMessage();
        isReady = this.state === 'open' && this.framer.hasNext;
      });
    } finally {
      this.inLine = isReady;
      if (!isReady) this.stream.hold(false);
    }
    return isReady;
  }

  /** Where others' messages come this way, one that is wrong is theirs: who called is told, and the connection lives. */
  private decode(bytes: Buffer): Decoded {
    try {
      return decode(bytes, this.fds, this.limits.bodyBytes);
    } catch (error) {
      if (!(error instanceof BodyError) || !this.limits.passesOver) throw error;
      const { head, fdCount } = error;
      if (head.kind === 'call') this.replyError(head, dbusError('InvalidArgs', error.message));
      return { fdCount };
    }
  }

  private take(message: Received, fds: Set<number>, size: number): void {
    switch (message.kind) {
      case 'call':
        this.listener.called?.(this, message, (fd) => fds.delete(fd), fds, size);
        break;
      case 'signal':
        this.listener.signalled?.(this, message);
        break;
      case 'return':
        if (this.pending.resolve(message.replySerial, message)) return;
        break;
      case 'error': {
        const [text] = message.body;
        const error = callError(message.errorName, typeof text === 'string' ? text : '');
        this.pending.reject(message.replySerial, error);
      }
    }
    closeAll(fds);
  }

  private ended(cause?: Error): void {
    this.state = 'ended';
    this.failure = cause;
    clearTimeout(this.deadline);
    closeAll(this.fds.splice(0));
    this.pending.rejectAll(() => disconnected(cause));
    this.listener.ended?.(this, cause);
  }
}

const closeAll = (fds: Iterable<number>): void => {
  for (const fd of fds) closeFd(fd);
};

/** On a bus, an answer goes to whoever called. */
const replyTo = (call: AnsweredCall): { destination?: string } =>
  call.sender === undefined ? {} : { destination: call.sender };
