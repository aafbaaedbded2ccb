import { acceptSocket, closeFd, type SocketAddress, setBlocking } from '@maverick/spawner';
import type { Daemon } from './bridge.js';
import { Listener } from './listener.js';
import { Pause } from './pause.js';
import type { SocketWish } from './socket-wish.js';

/** A condition of a job that a socket is for. */
export interface SocketUse {
  readonly job: string;
  readonly jobName: string;
  readonly condition: 'start' | 'stop';
  readonly wish: SocketWish;
  /** Keys of the sockets that the job wants together with this one, and what their events say. */
  readonly partners: readonly SocketWish[];
}

/** The element of the path of the instance of a job that has only one. */
const PLAIN_INSTANCE = /\/_$/;

/** Where a connection comes from, as variables. */
const peerEnv = (peer: SocketAddress): readonly string[] =>
  peer.family === 'inet' || peer.family === 'inet6' ? [`REMOTE_ADDR=${peer.address}`, `REMOTE_PORT=${peer.port}`] : [];

/** A socket that jobs ask for, and when it makes events. */
export class SocketPlace {
  readonly settings: string;
  readonly #daemon: Daemon;
  readonly #listener: Listener;
  readonly #fdOf: (key: string) => number | undefined;
  readonly #pause = new Pause();
  #uses: readonly SocketUse[];
  #busy = false;
  #connected = false;
  #timer: NodeJS.Timeout | undefined;
  #serial = 0;

  /** @throws SystemError where the socket can't be bound */
  constructor(
    daemon: Daemon,
    uses: readonly SocketUse[],
    first: SocketWish,
    fdOf: (key: string) => number | undefined,
  ) {
    this.#daemon = daemon;
    this.#uses = uses;
    this.#fdOf = fdOf;
    this.settings = settingsOf(first);
    this.#listener = new Listener(first.spec, !first.accept, () => this.#ready());
  }

  get fd(): number {
    return this.#listener.fd;
  }

  /** These want it from now on. */
  follow(uses: readonly SocketUse[]): void {
    this.#uses = uses;
    this.#connected = true;
    this.review();
  }

  isFor(job: string): boolean {
    return this.#uses.some((use) => use.job === job);
  }

  /** Listen where somebody can be started or stopped by it. */
  review(): void {
    this.#listener.arm(this.#connected && !this.#busy && this.#uses.some((use) => this.#wants(use)));
  }

  /** Nobody is told; what waits goes on waiting. */
  lost(): void {
    this.#connected = false;
    this.review();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#connected = false;
    this.#busy = true;
    this.#listener.close();
  }

  #wants({ job, condition, wish }: SocketUse): boolean {
    const instances = this.#daemon.instancesOf(job);
    if (condition === 'stop') return instances.size > 0;
    if (!wish.accept || instances.size === 0) return instances.size === 0;
    return instances.size < wish.maxConnections && ![...instances].some((path) => PLAIN_INSTANCE.test(path));
  }

  #ready(): void {
    const uses = this.#uses.filter((use) => this.#wants(use));
    if (uses.length === 0 || this.#busy) {
      this.review();
      return;
    }
    this.#busy = true;
    const before = this.#startsOf(uses);
    const emitted = Promise.all(uses.map((use) => (use.wish.accept ? this.#pass(use) : this.#offer(use))));
    void emitted.then(
      () => this.#done(uses, this.#startsOf(uses) > before || uses.some(({ condition }) => condition === 'stop')),
      (error: unknown) => {
        this.#daemon.report('warn', `Error emitting socket event: ${error instanceof Error ? error.message : error}`);
        this.#done(uses, false);
      },
    );
  }

  #startsOf(uses: readonly SocketUse[]): number {
    return uses.reduce((sum, { job }) => sum + this.#daemon.startsOf(job), 0);
  }

  /** What waits here starts somebody again, if it goes on waiting: at once, or after a pause where that does not help. */
  #done(uses: readonly SocketUse[], helped: boolean): void {
    const accepts = uses.some(({ wish }) => wish.accept);
    const pauseMs = accepts && helped ? 0 : this.#pause.after(performance.now(), helped);
    if (pauseMs === 0) {
      this.#busy = false;
      this.review();
      return;
    }
    const names = uses.map(({ jobName }) => jobName).join(', ');
    this.#daemon.report('info', `A connection waits for ${names}: looking again in ${pauseMs} ms`);
    this.#timer = setTimeout(() => {
      this.#busy = false;
      this.review();
    }, pauseMs);
  }

  /** The socket itself, and those that the job wants with it. */
  async #offer({ wish, partners }: SocketUse): Promise<void> {
    const events = [wish, ...partners].flatMap(({ key, env }) => {
      const fd = key === wish.key ? this.fd : this.#fdOf(key);
      return fd === undefined ? [] : [{ env, fd }];
    });
    await Promise.all(events.map((event) => this.#daemon.emit(event)));
  }

  /** A connection. */
  async #pass({ wish, jobName, job }: SocketUse): Promise<void> {
    const accepted = acceptSocket(this.fd);
    if (accepted === undefined) return;
    try {
      const env = [...wish.env, ...peerEnv(accepted.peer), `CONNECTION=${++this.#serial}`];
      const before = this.#daemon.startsOf(job);
      await this.#daemon.emit({ env, fd: blocking(accepted.fd) });
      if (this.#daemon.startsOf(job) === before) {
        this.#daemon.report('warn', `${jobName} did not start for a connection, which is lost`);
      }
    } finally {
      closeFd(accepted.fd);
    }
  }
}

/** A program that serves one connection reads and writes it as it would a terminal. */
const blocking = (fd: number): number => {
  setBlocking(fd);
  return fd;
};

/** What can't be changed of a bound socket. */
export const settingsOf = ({ spec, accept }: SocketWish): string => JSON.stringify([spec, accept]);
