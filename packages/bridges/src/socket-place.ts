import { createHash } from 'node:crypto';
import { AcceptedConnections, isSingle } from './accepted-connections.js';
import type { Daemon } from './bridge.js';
import { Listener } from './listener.js';
import { Pause } from './pause.js';
import type { SocketUse } from './socket-use.js';
import type { SocketWish } from './socket-wish.js';

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
  readonly #connections: AcceptedConnections;
  readonly #keptName: string;
  /** It is the same socket as an earlier bridge had. */
  readonly isKept: boolean;

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
    this.#keptName = keptName(first);
    const inherited = daemon.keeper.take(this.#keptName);
    this.#listener = new Listener(first.spec, !first.accept, () => this.#ready(), inherited);
    this.isKept = this.fd === inherited;
    daemon.keeper.keep(this.#keptName, this.fd);
    this.#connections = new AcceptedConnections(daemon, this.fd);
  }

  get fd(): number {
    return this.#listener.fd;
  }

  /** These want it from now on. */
  follow(uses: readonly SocketUse[]): void {
    this.#uses = uses;
    this.#connected = true;
    for (const { job } of uses) this.#connections.dropIfServed(job);
    this.review();
  }

  isFor(job: string): boolean {
    return this.#uses.some((use) => use.job === job);
  }

  /** Listen where somebody can be started or stopped by it. */
  review(): void {
    const isWanted = this.#connected && !this.#busy && this.#uses.some((use) => this.#wants(use));
    const isAtHand = isWanted && this.#connections.isHolding;
    this.#listener.arm(isWanted && !isAtHand, () => this.#pause.nothingIsLeft());
    if (isAtHand) this.#ready();
  }

  /** Nobody is told; what waits goes on waiting. */
  lost(): void {
    this.#connected = false;
    this.review();
  }

  /** @param comesBack it is kept for the bridge after this one */
  close(comesBack: boolean): void {
    clearTimeout(this.#timer);
    this.#connected = false;
    this.#busy = true;
    if (!comesBack) this.#daemon.keeper.forget(this.#keptName);
    this.#listener.close(comesBack);
    this.#connections.close();
  }

  #wants({ job, condition, wish }: SocketUse): boolean {
    const instances = this.#daemon.instancesOf(job);
    if (condition === 'stop') return instances.size > 0;
    if (!wish.accept || instances.size === 0) return instances.size === 0;
    return instances.size < wish.maxConnections && !isSingle(instances);
  }

  #ready(): void {
    const uses = this.#uses.filter((use) => this.#wants(use));
    if (uses.length === 0 || this.#busy) {
      this.review();
      return;
    }
    this.#busy = true;
    const before = this.#startsOf(uses);
    const emitted = Promise.all(uses.map((use) => (use.wish.accept ? this.#connections.pass(use) : this.#offer(use))));
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
}

/** What can't be changed of a bound socket. */
export const settingsOf = ({ spec, accept }: SocketWish): string => JSON.stringify([spec, accept]);

/** What it is called where it is kept. One that was made in another way is another. */
export const keptName = (wish: SocketWish): string =>
  createHash('sha256').update(wish.key).update(settingsOf(wish)).digest('hex').slice(0, 32);
