/** Starts that follow each other within this are no good ones. */
const SOON_MS = 2_000;
/** Some in a row are nothing unusual: a short task for each connection. As many as systemd allows before it gives the socket up. */
const FREE_TRIES = 20;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * How long to pause before a job is started again for what it has left waiting: not at all as a rule, longer and longer where
 * starting it does not help.
 */
export class Pause {
  #tries = 0;
  #last = Number.NEGATIVE_INFINITY;

  /**
   * It is started once more.
   * @param helped whether there was a start at all
   * @returns milliseconds to wait before the next time
   */
  after(now: number, helped: boolean): number {
    this.#tries = now - this.#last < SOON_MS + this.#pauseMs(helped) ? this.#tries + 1 : 1;
    this.#last = now;
    return this.#pauseMs(helped);
  }

  /** What had been waiting was taken. */
  nothingIsLeft(): void {
    this.#tries = 0;
  }

  #pauseMs(helped: boolean): number {
    const over = this.#tries - (helped ? FREE_TRIES : 0);
    return over <= 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (over - 1), LONGEST_PAUSE_MS);
  }
}
