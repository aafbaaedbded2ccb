import { SYSTEM } from '@maverick/engine';
import { Allowance } from './allowance.js';
import type { Clock } from './clock.js';
import type { JournalEntry } from './journal.js';

/** Of all bytes that a journal keeps: what is told of one session other than the system's at once, and of all of them. */
const OF_ONE = 1 / 8;
const OF_ALL = 3 / 8;
/** So many bytes more in each second. */
const ONE_PER_SECOND = 512;
const ALL_PER_SECOND = 2048;

interface Share {
  readonly allowance: Allowance;
  /** Lines that the journal does not say yet that it lacks. */
  leftOut: number;
}

type Whose = Pick<JournalEntry, 'what' | 'session'>;

/**
 * Whose entry it is.
 * @param next the entry after it, if there is one: an input of a process or a timer is theirs whose what follows is
 */
export const sessionOfEntry = ({ what, session }: Whose, next?: Whose): string => {
  if (session !== undefined || what !== 'input' || next === undefined || next.what === 'input')
    return session ?? SYSTEM;
  return next.session ?? SYSTEM;
};

/** Bounds what is told of sessions other than the system's: they could push out its history. */
export class JournalShares {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #bytes: number;
  readonly #all: Allowance;
  readonly #shares = new Map<string, Share>();

  /** @param bytes so many are kept of the whole journal */
  constructor(bytes: number, clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#bytes = bytes;
    this.#all = new Allowance({ burst: bytes * OF_ALL, perSecond: ALL_PER_SECOND }, clock);
  }

  /**
   * Whether there is room for so many bytes more of a session's.
   * @returns the lines that have been left out before it; undefined where this one must be left out, too
   */
  take(session: string, bytes: number): number | undefined {
    if (session === SYSTEM) return 0;
    const share = this.#shareOf(session);
    if (!share.allowance.take(bytes) || !this.#all.take(bytes)) {
      share.leftOut += 1;
      return undefined;
    }
    const { leftOut } = share;
    share.leftOut = 0;
    return leftOut;
  }

  #shareOf(session: string): Share {
    const known = this.#shares.get(session);
    if (known !== undefined) return known;
    // Who has been quiet for long is as one who was never there.
    for (const [other, { allowance, leftOut }] of this.#shares) {
      if (leftOut === 0 && allowance.isFull) this.#shares.delete(other);
    }
    const rate = { burst: this.#bytes * OF_ONE, perSecond: ONE_PER_SECOND };
    const share = { allowance: new Allowance(rate, this.#clock), leftOut: 0 };
    this.#shares.set(session, share);
    return share;
  }
}
