import { turns, type Work } from './turns.js';

/** A call of a user that waits for its turn. */
export interface LinedCall {
  /** The bytes of its message. */
  readonly size: number;
  take(): void;
  /** Its user has too many calls in line. */
  refuse(): void;
}

/** So many calls of a user may wait, and so many bytes; one is always let in. */
const MOST_CALLS = 1000;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The calls of users that come on one connection, that to a bus: what waits for its turn can't be left in the socket there,
 * as others' calls are behind it. So no more of one user's wait than may.
 */
export class CallLines<T extends LinedCall> {
  readonly #lines = new Map<number, Line<T>>();

  /** Take the call when it is its user's turn, after what they have in line. */
  add(uid: number, call: T): void {
    const line = this.#lines.get(uid) ?? new Line<T>(() => this.#lines.delete(uid));
    this.#lines.set(uid, line);
    if (!line.has(call)) call.refuse();
    else turns.add(uid, line);
  }

  /** Take nothing any more. @returns what was not taken, each user's in the order in which it came */
  clear(): readonly T[] {
    return [...this.#lines.values()].flatMap((line) => line.calls.splice(0));
  }
}

class Line<T extends LinedCall> implements Work {
  readonly calls: T[] = [];
  readonly #emptied: () => void;
  #bytes = 0;

  constructor(emptied: () => void) {
    this.#emptied = emptied;
  }

  /** @returns whether there was room for it */
  has(call: T): boolean {
    if (this.calls.length >= MOST_CALLS || (this.calls.length > 0 && this.#bytes + call.size > MOST_BYTES))
      return false;
    this.calls.push(call);
    this.#bytes += call.size;
    return true;
  }

  next(): boolean {
    const call = this.calls.shift();
    this.#bytes -= call?.size ?? 0;
    if (this.calls.length === 0) this.#emptied();
    call?.take();
    return this.calls.length > 0;
  }
}
