import { BUS_DAEMON, callBus, nameHasOwner, unwatchName, watchName } from './bus-calls.js';
import type { CallOptions } from './call-options.js';
import { connectSocketWhenFree } from './connect-socket.js';
import { resolveTarget } from './connect-target.js';
import { Connection, type OutgoingCall } from './connection.js';
import { BUS_LIMITS } from './limits.js';
import type { Received, SignalMessage } from './message.js';
import { ClientHandshake } from './sasl.js';
import type { Value } from './value.js';

/** A signal on a bus. */
export interface BusSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Whom it was sent to alone; absent: to everybody who asked for it. */
  readonly destination?: string;
  /** A unique name, or that of the bus daemon. */
  readonly sender?: string;
  /** The types of `body`. */
  readonly signature: string;
  readonly body: readonly Value[];
}

/** A call to somebody on a bus. */
export type BusCall = OutgoingCall & { readonly destination: string };

/** A connection to a bus, for what has nothing to do with Upstart. */
export interface BusClient {
  /** Call somebody. @returns the values of the answer. @throws DBusError what was answered */
  call(call: BusCall, options?: CallOptions): Promise<readonly Value[]>;
  /** Call the bus daemon itself. */
  ask(member: string, signature?: string, ...body: Value[]): Promise<readonly Value[]>;
  /** Have signals sent here, and no longer. @see D-Bus specification, "Match Rules" */
  addMatch(rule: string): Promise<void>;
  removeMatch(rule: string): Promise<void>;
  hasOwner(name: string): Promise<boolean>;
  /** Wait until somebody has the name. @throws what `signal` is aborted with; DBusError where the bus goes first */
  untilOwned(name: string, options?: CallOptions): Promise<void>;
  /** Settles when the connection has ended, by whichever side. Never rejects. */
  readonly closed: Promise<void>;
  close(): void;
}

class BusConnection implements BusClient {
  readonly closed: Promise<void>;
  readonly #connection: Connection;
  readonly #onSignal: (signal: BusSignal) => void;
  readonly #waiting = new Set<(name: string) => void>();

  constructor(fd: number, onSignal: (signal: BusSignal) => void) {
    this.#onSignal = onSignal;
    let ended = (): void => {};
    this.closed = new Promise((resolve) => {
      ended = resolve;
    });
    this.#connection = new Connection(fd, new ClientHandshake(process.getuid?.() ?? 0), BUS_LIMITS, {
      signalled: (_, signal) => this.#signalled(signal),
      ended: () => ended(),
    });
  }

  async call(call: BusCall, options?: CallOptions): Promise<readonly Value[]> {
    return (await this.#connection.call(call, options)).body;
  }

  ask(member: string, signature?: string, ...body: Value[]): Promise<readonly Value[]> {
    return callBus(this.#connection, member, signature, ...body);
  }

  async addMatch(rule: string): Promise<void> {
    await this.ask('AddMatch', 's', rule);
  }

  async removeMatch(rule: string): Promise<void> {
    await this.ask('RemoveMatch', 's', rule);
  }

  hasOwner(name: string): Promise<boolean> {
    return nameHasOwner(this.#connection, name);
  }

  async untilOwned(name: string, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    let told = (): void => {};
    const owned = new Promise<void>((resolve, reject) => {
      told = resolve;
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    owned.catch(() => {});
    const listener = (changed: string): void => {
      if (changed === name) told();
    };
    this.#waiting.add(listener);
    try {
      await watchName(this.#connection, name);
      if (await this.hasOwner(name)) return;
      const gone = this.closed.then(() => this.hasOwner(name));
      await Promise.race([owned, gone]);
    } finally {
      this.#waiting.delete(listener);
      unwatchName(this.#connection, name).catch(() => {});
    }
  }

  close(): void {
    this.#connection.close();
  }

  #signalled(signal: Received<SignalMessage>): void {
    const { sender, member, signature, body } = signal;
    const [name, , owner] = body;
    if (sender === BUS_DAEMON && member === 'NameOwnerChanged' && signature === 'sss' && owner !== '') {
      for (const listener of this.#waiting) listener(String(name));
    }
    this.#onSignal(signal);
  }
}

/**
 * Join a bus: that of the system, that of the session, or the one at an address. The environment says where the first two are.
 * @param onSignal told of each signal that comes here, by a rule or sent to this connection alone
 * @throws DBusError `org.freedesktop.DBus.Error.BadAddress`, `…NoServer`, `…FileNotFound`, `…AccessDenied`
 */
export const connectBus = async (
  bus: 'system' | 'session' | (string & {}),
  onSignal: (signal: BusSignal) => void = () => {},
): Promise<BusClient> => {
  const { address } = resolveTarget({ bus }, process.env, process.getuid?.() ?? 0);
  const client = new BusConnection(await connectSocketWhenFree(address), onSignal);
  try {
    await client.ask('Hello');
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
};
