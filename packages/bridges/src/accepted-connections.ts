import { unescapeElement } from '@maverick/dbus/client';
import { acceptSocket, closeFd, type SocketAddress, setBlocking } from '@maverick/spawner';
import { type Daemon, DaemonGoneError } from './bridge.js';
import type { SocketUse } from './socket-use.js';

/** The element of the path of the instance of a job that has only one. */
const SINGLE_INSTANCE = /\/_$/;

/** Whether these are the one instance of a job that has no others. */
export const isSingle = (instances: ReadonlySet<string>): boolean =>
  [...instances].some((path) => SINGLE_INSTANCE.test(path));

/** Where a connection comes from, as variables. */
const peerEnv = (peer: SocketAddress): readonly string[] =>
  peer.family === 'inet' || peer.family === 'inet6' ? [`REMOTE_ADDR=${peer.address}`, `REMOTE_PORT=${peer.port}`] : [];

/** A connection that a job is to get. */
interface Connection {
  readonly fd: number;
  readonly env: readonly string[];
}

/** The connections of a socket with `ACCEPT=y`. */
export class AcceptedConnections {
  readonly #daemon: Daemon;
  readonly #listener: number;
  #serial: number | undefined;
  /** Of a daemon that went before it was known what became of it. */
  #held: Connection | undefined;

  constructor(daemon: Daemon, listener: number) {
    this.#daemon = daemon;
    this.#listener = listener;
  }

  /** One was accepted already, and is to be passed first. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** Pass the next one to a job. Where the daemon goes meanwhile, it is held. */
  async pass(use: SocketUse): Promise<void> {
    const held = this.#held;
    const connection = held ?? this.#accept(use);
    this.#held = undefined;
    if (connection === undefined) return;
    const { job, jobName } = use;
    const before = this.#daemon.startsOf(job);
    try {
      await this.#daemon.emit(connection);
      // One that was held may have had its instance before the daemon went: then the event has changed nothing.
      if (held === undefined && this.#daemon.startsOf(job) === before) {
        this.#daemon.report('warn', `${jobName} did not start for a connection, which is lost`);
      }
    } catch (error) {
      if (!(error instanceof DaemonGoneError)) throw error;
      this.#held = connection;
    } finally {
      if (this.#held !== connection) closeFd(connection.fd);
    }
  }

  /**
   * A daemon is back. A job that has one instance, and has it now, has it for the connection that is held. One that has been
   * started for it, has done its work and has ended meanwhile is started once more: better than not at all.
   */
  dropIfServed(job: string): void {
    if (isSingle(this.#daemon.instancesOf(job))) this.close();
  }

  close(): void {
    if (this.#held !== undefined) closeFd(this.#held.fd);
    this.#held = undefined;
  }

  #accept(use: SocketUse): Connection | undefined {
    const accepted = acceptSocket(this.#listener);
    if (accepted === undefined) return undefined;
    // A program that serves one connection reads and writes it as it would a terminal.
    setBlocking(accepted.fd);
    this.#serial = (this.#serial ?? this.#highestNumber(use.job)) + 1;
    return { fd: accepted.fd, env: [...use.wish.env, ...peerEnv(accepted.peer), `CONNECTION=${this.#serial}`] };
  }

  /** Instances may be called after serial numbers, and some may be there that an earlier bridge has started. */
  #highestNumber(job: string): number {
    const names = [...this.#daemon.instancesOf(job)].map((path) => unescapeElement(path.split('/').at(-1) ?? '') ?? '');
    return Math.max(0, ...names.flatMap((name) => (name.match(/\d{1,9}/g) ?? []).map(Number)));
  }
}
