import type { Clock } from './clock.js';

/** How much of something there may be. */
export interface Rate {
  /** So much at once. */
  readonly burst: number;
  /** So much comes back in a second. */
  readonly perSecond: number;
}

/** What is left of a {@link Rate}: a bucket of tokens that fills up as time goes by. */
export class Allowance {
  readonly rate: Rate;
  readonly #clock: Pick<Clock, 'now'>;
  #left: number;
  #at: number;

  constructor(rate: Rate, clock: Pick<Clock, 'now'>) {
    this.rate = rate;
    this.#clock = clock;
    this.#left = rate.burst;
    this.#at = clock.now();
  }

  /** Everything is there again: nothing of it need be kept in mind. */
  get isFull(): boolean {
    this.#fill();
    return this.#left >= this.rate.burst;
  }

  /**
   * Take some of it.
   * @returns false where there is not so much: then nothing is taken
   */
  take(amount = 1): boolean {
    this.#fill();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  #fill(): void {
    const now = this.#clock.now();
    const { burst, perSecond } = this.rate;
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
  }
}
