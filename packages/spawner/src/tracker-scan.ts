import type { Following } from './follow.js';
import { ProcessScan } from './process-scan.js';
import type { Tracker } from './tracker.js';

const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 50;

interface Scanned {
  readonly scan: ProcessScan;
  timer: NodeJS.Timeout;
}

/** Forks found by reading `/proc`: at every news of a child, and by a clock that gets slower. */
export class ScanTracker implements Tracker {
  readonly #scanned = new Map<Following, Scanned>();
  readonly #isTaken: (pid: number) => boolean;

  /** @param isTaken a process that was started otherwise: it is nobody's descendant */
  constructor(isTaken: (pid: number) => boolean) {
    this.#isTaken = isTaken;
  }

  begin(following: Following, environment: readonly string[]): void {
    const taken = (pid: number): boolean => !following.has(pid) && (this.#isTaken(pid) || this.#isFollowed(pid));
    const scan = new ProcessScan(following, environment, taken);
    this.#scanned.set(following, { scan, timer: this.#lookAgain(following, FIRST_LOOK_MS) });
  }

  sync(following: Following): void {
    this.#scanned.get(following)?.scan.all();
  }

  look(): void {
    for (const { scan } of this.#scanned.values()) scan.children();
  }

  release(following: Following): void {
    clearTimeout(this.#scanned.get(following)?.timer);
    this.#scanned.delete(following);
  }

  close(): void {
    for (const following of this.#scanned.keys()) this.release(following);
  }

  #lookAgain(following: Following, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const scanned = this.#scanned.get(following);
      if (scanned === undefined) return;
      scanned.scan.children();
      scanned.timer = this.#lookAgain(following, Math.min(ms * 2, LAST_LOOK_MS));
    }, ms);
  }

  #isFollowed(pid: number): boolean {
    return [...this.#scanned.keys()].some((following) => following.has(pid));
  }
}
