/** Whose work it is: users take turns with each other, however many connections they have. */
export type Party = number | string;

/** Work that is done bit by bit. */
export interface Work {
  /** Do the next bit: a call, or less. @returns whether there is more to be done */
  next(): boolean;
}

/**
 * So much is done for users in one turn of the event loop, all of them together. It is what root's calls, and events and
 * processes, wait for at most; a call takes some twenty microseconds, and so a turn of them more time than the turning.
 */
export const TURN_BITS = 128;
const TURN_MS = 4;

/**
 * Work of many parties, done in turns: a bit of each one's, again and again, and so much in one turn of the event loop that
 * nobody who is not in line here waits for long. Each party's work takes turns, too.
 */
export class Turns {
  /** Who is next is the first, with what is next. */
  readonly #lines = new Map<Party, Set<Work>>();
  readonly #now: () => number;
  #scheduled = false;

  /** @param now a clock, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Put work at the end of its party's line, unless it is in line already. */
  add(party: Party, work: Work): void {
    const line = this.#lines.get(party);
    if (line) line.add(work);
    else this.#lines.set(party, new Set([work]));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    const end = this.#now() + TURN_MS;
    try {
      for (let bits = 0; bits < TURN_BITS && this.#doNext() && this.#now() < end; ) bits += 1;
    } finally {
      if (this.#lines.size > 0) this.#schedule();
    }
  }

  /** @returns whether somebody was in line */
  #doNext(): boolean {
    for (const [party, line] of this.#lines) {
      this.#lines.delete(party);
      for (const work of line) {
        line.delete(work);
        // What it leads to may put the same party in line.
        if (line.size > 0) this.#lines.set(party, line);
        if (work.next()) this.add(party, work);
        return true;
      }
    }
    return false;
  }
}

/** There is one event loop, whatever sockets and buses there are: so there is one order. */
export const turns = new Turns(() => performance.now());
