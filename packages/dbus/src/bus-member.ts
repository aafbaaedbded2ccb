import { closeFd, type ProcessPin, peerCredentials, pinProcess } from '@maverick/spawner';
import { isTrusted } from './access.js';
import { Activation, type ActivationOptions } from './activation.js';
import { BusCallers } from './bus-callers.js';
import { BUS_DAEMON, type BusCredentials, callBus, requestName, watchEverybody } from './bus-calls.js';
import { connectSocket } from './connect-socket.js';
import { BUS_NAME } from './connect-target.js';
import { Connection, type ConnectionListener } from './connection.js';
import { DBusError } from './dbus-error.js';
import { dbusError, ERROR_NAMES } from './error-names.js';
import { type KeptConnection, type KeptMember, withCalls } from './kept.js';
import { BUS_LIMITS } from './limits.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import type { UpstartModel } from './model.js';
import { NameBirths } from './name-births.js';
import { ClientHandshake } from './sasl.js';
import { UpstartService } from './service.js';
import { restarted } from './signals.js';
import type { Value } from './value.js';

/** Which bus, and as what. */
export interface BusOptions {
  /** The address of the bus. */
  readonly address: string;
  /** What it is called in warnings, such as `D-Bus system bus`. */
  readonly title: string;
  /** The name to be had there. Default `com.ubuntu.Upstart`. */
  readonly name?: string;
  /** Start jobs for names that are called on the bus and that nobody has. Default: leave that to others. */
  readonly activation?: ActivationOptions;
  /** The daemon has re-executed itself: `Restarted` is told once, when it is back. Default false. */
  readonly restarted?: boolean;
  /** Hears what went wrong, for the log. Default: nobody. */
  readonly onWarning?: (message: string) => void;
  /** Go on with what an earlier member in this process has handed over; with {@link restarted} it is told. */
  readonly kept?: KeptMember;
  /**
   * How long to wait before the bus is looked for again, in milliseconds: first, then twice as long each time, up to the
   * second. Default 100 and 60 000.
   */
  readonly retryMs?: readonly [first: number, most: number];
}

/** Where a daemon stands with a bus. */
export type BusState = 'away' | 'joining' | 'joined';

/** A daemon's place on a bus, as long as there is one: who is dropped from it, or finds none, tries again. */
export interface BusMember {
  readonly state: BusState;
  /**
   * Try now, and wait for the outcome: everything is there and the name is ours.
   * @throws DBusError why it is not, in libdbus's words; `…Failed` `Name already taken` if somebody else has the name
   */
  join(): Promise<void>;
  /** Look for the bus from now on, at once and again and again, until it is joined; does nothing once that is so. */
  seek(): void;
  /** Tell the bus what programs that it starts are to have in their environment. `KEY=VALUE`. A failure is only a warning. */
  updateActivationEnvironment(variables: readonly string[]): void;
  /** Leave for good. */
  close(): void;
  /** Stop, and leave the connection open for who goes on in this process, with `kept`: the bus does not notice. */
  handOver(): KeptMember;
}

const RETRY_MS = [100, 60_000] as const;

const NAME_TAKEN = 'Name already taken';

/** What will not be otherwise the next time. */
const isFinal = (error: unknown): boolean =>
  error instanceof DBusError && (error.message === NAME_TAKEN || FINAL.has(error.name));
const FINAL: ReadonlySet<string> = new Set([ERROR_NAMES.AccessDenied, 'org.freedesktop.DBus.Error.BadAddress']);

/** One for all: to make errors takes more time than all else that is done with a call that is refused. */
const TOO_MANY = dbusError('LimitsExceeded', 'Too many calls wait for their turn');

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class Member implements BusMember {
  private readonly options: BusOptions;
  private readonly model: UpstartModel;
  private readonly service: UpstartService;
  private readonly uid = process.getuid?.() ?? 0;
  private connection: Connection | undefined;
  private callers: BusCallers | undefined;
  private activation: Activation | undefined;
  private joining: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private delayMs: number;
  private closed = false;
  private restarted: boolean;
  /** Kept from when it matters where callers come from. */
  private births: NameBirths | undefined;
  private readonly unsubscribe: () => void;

  constructor(model: UpstartModel, options: BusOptions) {
    this.model = model;
    this.options = options;
    this.service = new UpstartService(model, this.uid, (message) => this.warn(message));
    [this.delayMs] = this.retryMs;
    this.restarted = options.restarted === true;
    this.unsubscribe = model.subscribe((news) => {
      if (news.kind === 'session-opened') this.noteBirths();
    });
    if (options.kept?.connection) this.resume(options.kept.connection);
  }

  get state(): BusState {
    if (this.joining) return 'joining';
    return this.connection ? 'joined' : 'away';
  }

  join(): Promise<void> {
    if (this.closed) return Promise.reject(dbusError('Disconnected', 'The daemon has left the bus'));
    if (this.joining) return this.joining;
    if (this.connection) return Promise.resolve();
    clearTimeout(this.retry);
    this.joining = this.enter().finally(() => {
      this.joining = undefined;
    });
    return this.joining;
  }

  seek(): void {
    if (this.closed || this.state !== 'away') return;
    this.join().catch((error: unknown) => this.seekLater(error));
  }

  updateActivationEnvironment(variables: readonly string[]): void {
    const { connection } = this;
    if (!connection || variables.length === 0) return;
    const pairs = variables.map((variable): [Value, Value] => {
      const equals = variable.indexOf('=');
      return equals === -1 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
    });
    callBus(connection, 'UpdateActivationEnvironment', 'a{ss}', new Map(pairs)).catch((error: unknown) =>
      this.warn(`Unable to update the activation environment of the ${this.options.title}: ${textOf(error)}`),
    );
  }

  close(): void {
    this.closed = true;
    this.unsubscribe();
    clearTimeout(this.retry);
    this.service.close();
    this.connection?.close();
  }

  handOver(): KeptMember {
    const { address, title } = this.options;
    const { connection } = this;
    const isJoined = this.state === 'joined';
    this.closed = true;
    this.unsubscribe();
    clearTimeout(this.retry);
    this.service.leave();
    this.activation?.close();
    if (!connection || !isJoined) {
      connection?.close();
      return { address, title };
    }
    const calls = this.service.callsOf(connection);
    const early = this.callers?.handOver() ?? [];
    const births = this.births && { births: this.births.all };
    return { address, title, connection: { ...withCalls(connection.handOver(), early), calls, ...births } };
  }

  /** The bus knows us under the same names as before. */
  private resume(kept: NonNullable<KeptMember['connection']>): void {
    const connection = this.connect(kept);
    if (kept.births) this.births = new NameBirths(kept.births);
    this.service.attach(connection);
    connection.resume(kept);
    this.noteBirths();
    this.tellRestarted(connection);
    this.service.resume(connection, kept.calls);
    // Names that are being activated would be told of twice if it were not asked again whose they are.
    this.activation?.begin().catch((error: unknown) => this.warn(textOf(error)));
  }

  private get retryMs(): readonly [number, number] {
    return this.options.retryMs ?? RETRY_MS;
  }

  private warn(message: string): void {
    this.options.onWarning?.(message);
  }

  /** Everything is served before the name is asked for: whoever sees the name finds a daemon that answers. */
  private async enter(): Promise<void> {
    const connection = this.connect();
    try {
      await callBus(connection, 'Hello');
      this.noteBirths();
      this.service.attach(connection);
      if (!(await requestName(connection, this.options.name ?? BUS_NAME))) {
        throw dbusError('Failed', NAME_TAKEN);
      }
      this.tellRestarted(connection);
      await this.activation?.begin();
    } catch (error) {
      this.connection = undefined;
      connection.close();
      throw error;
    }
    [this.delayMs] = this.retryMs;
  }

  private tellRestarted(connection: Connection): void {
    if (this.restarted) this.service.signal(connection, restarted());
    this.restarted = false;
  }

  private connect(kept?: KeptConnection): Connection {
    const { activation } = this.options;
    const listener: ConnectionListener = {
      called: (_, call, keepFd, fds, size) => this.called(call, keepFd, fds, size),
      signalled: (_, signal) => this.signalled(signal),
      ended: (_, cause) => this.ended(connection, cause),
    };
    const fd = kept?.fd ?? this.openSocket();
    const connection: Connection = new Connection(fd, new ClientHandshake(this.uid), BUS_LIMITS, listener, { kept });
    this.connection = connection;
    this.births = undefined;
    const signal = (message: SignalMessage): void => this.service.signal(connection, message);
    this.callers = new BusCallers(connection, this.uid, signal, (name, credentials) => this.pinOf(name, credentials));
    this.activation = activation && new Activation(this.model, connection, activation);
    return connection;
  }

  /** The bus says who calls: of one that others run, that is worth nothing. */
  private openSocket(): number {
    const fd = connectSocket(this.options.address);
    const { uid } = peerCredentials(fd);
    if (isTrusted({ uid }, this.uid)) return fd;
    closeFd(fd);
    throw dbusError('AccessDenied', `the bus is run by uid ${uid}, who is not trusted to say who calls`);
  }

  /** The bus says who calls, but not at once: until then the descriptors of a call are ours. */
  private called(
    call: Received<CallMessage>,
    keepFd: (fd: number) => void,
    fds: ReadonlySet<number>,
    size: number,
  ): void {
    const { connection, callers } = this;
    if (!connection || !callers || call.sender === undefined || this.activation?.called(call)) return;
    const mine = new Set(fds);
    for (const fd of mine) keepFd(fd);
    const drop = (): void => {
      for (const fd of mine) closeFd(fd);
    };
    callers.identify(call.sender, {
      message: call,
      fds: [...fds],
      size,
      take: (origin) => {
        this.service.answer(connection, origin, call, (fd) => mine.delete(fd));
        drop();
      },
      drop,
      refuse: () => {
        connection.replyError(call, TOO_MANY);
        drop();
      },
    });
  }

  private signalled(signal: Received<SignalMessage>): void {
    if (signal.sender !== BUS_DAEMON) return;
    this.activation?.signalled(signal);
    if (signal.member !== 'NameOwnerChanged' || signal.signature !== 'sss') return;
    const [name, before, owner] = signal.body as [string, string, string];
    this.births?.changed(name, before, owner);
    if (owner === '') this.callers?.left(name);
  }

  /** From now on, and as long as the connection lasts: hearing of everybody would be work for nothing before. */
  private noteBirths(): void {
    const { connection } = this;
    if (this.births || !connection?.isOpen || this.model.looksAtRoots?.() !== true) return;
    this.births = new NameBirths();
    watchEverybody(connection).catch((error: unknown) => this.warn(textOf(error)));
  }

  private pinOf(name: string, credentials: BusCredentials): ProcessPin {
    const { pid, pidfd } = credentials;
    if (pidfd !== undefined) return pinProcess(pid, { pidfd });
    return this.births?.pin(name, credentials) ?? pinProcess(pid);
  }

  private ended(connection: Connection, cause: Error | undefined): void {
    this.service.detach(connection);
    this.callers?.close();
    this.activation?.close();
    const wasJoined = this.connection === connection && !this.joining;
    if (this.connection === connection) this.connection = undefined;
    if (this.closed || !wasJoined) return;
    this.warn(`Disconnected from ${this.options.title}${cause ? `: ${cause.message}` : ''}`);
    this.seekLater(cause);
  }

  /** A bus that refuses us, or where somebody else has the name, is not asked again until somebody wants it. */
  private seekLater(error: unknown): void {
    if (isFinal(error)) {
      this.warn(`Unable to join the ${this.options.title}: ${textOf(error)}`);
      return;
    }
    this.retry = setTimeout(() => this.seek(), this.delayMs).unref();
    this.delayMs = Math.min(this.delayMs * 2, this.retryMs[1]);
  }
}

/**
 * Have a daemon on a bus. Nothing happens before {@link BusMember.join} or {@link BusMember.seek}.
 * Who calls is what the bus daemon says, and who may do what is as on the private socket.
 */
export const createBusMember = (model: UpstartModel, options: BusOptions): BusMember => new Member(model, options);
