import { type SessionId, SYSTEM } from '@maverick/engine';

/** So many are enough to keep a processor busy. */
const MOST_UNDER_WAY = 16;

interface Line {
  underWay: number;
  readonly waiting: Set<() => void>;
}

export interface StartLinesOptions {
  /** Of each session. Default 16. */
  readonly most?: number;
  /** Calls back in a turn of its own. Default `setImmediate`. */
  readonly later?: (callback: () => void) => void;
}

/**
 * Starts that take their time, some milliseconds each. One event may start a thousand jobs of a user, and nobody else is to wait
 * until all of them are on their way: sessions other than the system's take turns, one start in each turn of the event loop, and
 * each has so many under way at a time.
 */
export class StartLines {
  readonly #most: number;
  readonly #later: (callback: () => void) => void;
  /** Whose turn is next is the first. */
  readonly #lines = new Map<SessionId, Line>();
  #scheduled = false;

  constructor({ most = MOST_UNDER_WAY, later = setImmediate }: StartLinesOptions = {}) {
    this.#most = most;
    this.#later = later;
  }

  /** Begin now, or when it is the session's turn. Each that begins is to {@link leave}. */
  enter(session: SessionId, begin: () => void): void {
    if (session === SYSTEM) {
      begin();
      return;
    }
    const line = this.#lines.get(session) ?? { underWay: 0, waiting: new Set() };
    this.#lines.set(session, line);
    line.waiting.add(begin);
    this.#schedule();
  }

  /** @returns whether it was waiting: then it never begins */
  withdraw(session: SessionId, begin: () => void): boolean {
    return this.#lines.get(session)?.waiting.delete(begin) ?? false;
  }

  /** One that has begun is over. */
  leave(session: SessionId): void {
    const line = this.#lines.get(session);
    if (line === undefined) return;
    line.underWay -= 1;
    if (line.waiting.size > 0) this.#schedule();
    else if (line.underWay === 0) this.#lines.delete(session);
  }

  /** Nothing begins any more: what waits is somebody else's. */
  close(): void {
    for (const { waiting } of this.#lines.values()) waiting.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    const next = [...this.#lines].find(([, line]) => this.#isReady(line));
    if (next === undefined) return;
    const [session, line] = next;
    const [begin] = line.waiting;
    if (begin === undefined) return;
    this.#lines.delete(session);
    this.#lines.set(session, line);
    line.waiting.delete(begin);
    line.underWay += 1;
    if ([...this.#lines.values()].some((each) => this.#isReady(each))) this.#schedule();
    begin();
  }

  #isReady({ underWay, waiting }: Line): boolean {
    return waiting.size > 0 && underWay < this.#most;
  }
}
