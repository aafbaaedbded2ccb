import { Allowance, type Clock, type Rate, systemClock } from '@maverick/supervisor';

/** A login's worth of jobs is told; what goes on and on is not. */
const LINES: Rate = { burst: 200, perSecond: 10 };

/** How long lines are left out until it is said how many they were. */
const TOLD_AFTER_MS = 10_000;

/** What is left to one of the lines that may be written of it. */
interface Share {
  readonly allowance: Allowance;
  /** Lines that nobody was told of yet. */
  leftOut: number;
}

export interface LogSharesOptions {
  /** Told every ten seconds how many lines have been left out, where some were. */
  readonly tell: (whose: string, count: number) => void;
  /** Default: 200 lines at once, and then 10 a second. */
  readonly rate?: Rate;
  /** Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Calls back once, after so many milliseconds. Default: a timer that does not keep the program alive. */
  readonly after?: (ms: number, callback: () => void) => void;
}

const afterwards = (ms: number, callback: () => void): void => {
  setTimeout(callback, ms).unref();
};

/** Bounds the lines that are written about those who could have any number of them written: the disk and the reader are others'. */
export class LogShares {
  readonly #tell: LogSharesOptions['tell'];
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #after: (ms: number, callback: () => void) => void;
  readonly #shares = new Map<string, Share>();

  constructor({ tell, rate = LINES, clock = systemClock, after = afterwards }: LogSharesOptions) {
    this.#tell = tell;
    this.#rate = rate;
    this.#clock = clock;
    this.#after = after;
  }

  /** Whether one more line may be written now. What is left out is counted. */
  take(whose: string): boolean {
    const share = this.#shareOf(whose);
    if (share.allowance.take()) return true;
    if (share.leftOut === 0) this.#after(TOLD_AFTER_MS, () => this.#settle(whose, share));
    share.leftOut += 1;
    return false;
  }

  #shareOf(whose: string): Share {
    const known = this.#shares.get(whose);
    if (known !== undefined) return known;
    // Who has been quiet for long is as one who was never there.
    for (const [other, { allowance, leftOut }] of this.#shares) {
      if (leftOut === 0 && allowance.isFull) this.#shares.delete(other);
    }
    const share = { allowance: new Allowance(this.#rate, this.#clock), leftOut: 0 };
    this.#shares.set(whose, share);
    return share;
  }

  #settle(whose: string, share: Share): void {
    const { leftOut } = share;
    share.leftOut = 0;
    if (leftOut > 0) this.#tell(whose, leftOut);
  }
}
