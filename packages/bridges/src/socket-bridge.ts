import type { Bridge, BridgeKind, Daemon, FollowedJob } from './bridge.js';
import type { SoughtEvent } from './condition.js';
import { ConditionError } from './condition-error.js';
import { keptName, SocketPlace, settingsOf } from './socket-place.js';
import type { SocketUse } from './socket-use.js';
import { readSocketWish, type SocketWish } from './socket-wish.js';

/** How long to wait before a socket that could not be bound is tried again. */
const RETRY_MS = 5_000;

class SocketBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #places = new Map<string, SocketPlace>();
  /** What was said before is not said again at each change of any job. */
  #said: ReadonlySet<string> = new Set();
  #saying = new Set<string>();
  #jobs: readonly FollowedJob[] = [];
  #retry: NodeJS.Timeout | undefined;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  follow(jobs: readonly FollowedJob[]): void {
    clearTimeout(this.#retry);
    this.#jobs = jobs;
    this.#saying = new Set();
    const wanted = this.#wanted(jobs);
    this.#daemon.keeper.closeOthers(
      new Set([...wanted.values()].flatMap(([first]) => (first === undefined ? [] : [keptName(first.wish)]))),
    );
    for (const [key, place] of this.#places) {
      const [first] = wanted.get(key) ?? [];
      if (first !== undefined && settingsOf(first.wish) === place.settings) continue;
      place.close(false);
      this.#places.delete(key);
    }
    const failed = [...wanted].filter(([key, uses]) => !this.#places.has(key) && !this.#open(key, uses));
    for (const [key, uses] of wanted) this.#places.get(key)?.follow(uses);
    if (failed.length > 0) this.#retry = setTimeout(() => this.follow(this.#jobs), RETRY_MS);
    this.#said = this.#saying;
  }

  instancesChanged(job: string): void {
    for (const place of this.#places.values()) if (place.isFor(job)) place.review();
  }

  lost(): void {
    clearTimeout(this.#retry);
    for (const place of this.#places.values()) place.lost();
  }

  close(comesBack: boolean): void {
    clearTimeout(this.#retry);
    for (const place of this.#places.values()) place.close(comesBack);
    this.#places.clear();
  }

  #warn(message: string): void {
    this.#saying.add(message);
    if (!this.#said.has(message)) this.#daemon.report('warn', message);
  }

  /** Who wants which socket; the first decides how it is made. */
  #wanted(jobs: readonly FollowedJob[]): ReadonlyMap<string, readonly SocketUse[]> {
    const wanted = new Map<string, SocketUse[]>();
    for (const use of jobs.flatMap((job) => this.#usesOf(job))) {
      const others = wanted.get(use.wish.key);
      const [first] = others ?? [];
      if (first === undefined) wanted.set(use.wish.key, [use]);
      else if (settingsOf(first.wish) !== settingsOf(use.wish) || (use.wish.accept && first.job !== use.job)) {
        const { key } = use.wish;
        this.#warn(`Ignored socket event in ${use.jobName}: ${first.jobName} has ${key} already, in another way`);
      } else others?.push(use);
    }
    return wanted;
  }

  #usesOf({ path, name, start, stop }: FollowedJob): readonly SocketUse[] {
    const read = (sought: readonly SoughtEvent[], condition: SocketUse['condition']): SocketUse[] => {
      const wishes = sought.map(({ args }) => this.#wish(args, name));
      return wishes.flatMap((wish, index) => {
        if (wish === undefined) return [];
        const partners = (sought[index]?.partners ?? []).flatMap((partner) => wishes[partner] ?? []);
        return [{ job: path, jobName: name, condition, wish, partners }];
      });
    };
    return [...read(start, 'start'), ...read(stop, 'stop')];
  }

  #wish(args: readonly string[], jobName: string): SocketWish | undefined {
    try {
      return readSocketWish(args);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      this.#warn(`Ignored socket event in ${jobName}: ${error.message}`);
      return undefined;
    }
  }

  #open(key: string, uses: readonly SocketUse[]): boolean {
    const [first] = uses;
    if (first === undefined) return false;
    try {
      const place = new SocketPlace(this.#daemon, uses, first.wish, (other) => this.#places.get(other)?.fd);
      this.#places.set(key, place);
      this.#daemon.report('info', `${place.isKept ? 'Still listening' : 'Listening'} at ${key} for ${first.jobName}`);
      if (!place.isKept) this.#warnOfOlder(first, key);
      return true;
    } catch (error) {
      this.#warn(`Failed to bind socket in ${first.jobName}: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  }

  /** A job that runs has the sockets of its start, and who connects to another one waits. */
  #warnOfOlder({ job, jobName, condition, wish }: SocketUse, key: string): void {
    if (condition === 'stop' || wish.accept || this.#daemon.instancesOf(job).size === 0) return;
    this.#warn(`${jobName} runs already, without the socket ${key}: restart it to have what waits there served`);
  }
}

/**
 * Event `socket`: somebody connects, or sends. The job gets the listening socket, or with `ACCEPT=y` the connection.
 * @see spec: bridges.md 2
 */
export const socketBridge: BridgeKind = { event: 'socket', make: (daemon) => new SocketBridge(daemon) };
