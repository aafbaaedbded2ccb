/** One that runs for so long was not at fault for its end. */
const LONG_MS = 10_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/** When a log process that has ended is replaced: at once, and ever later if it keeps ending. */
export class Restarts {
  readonly #restart: () => void;
  #lastAt = Number.NEGATIVE_INFINITY;
  #delayMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(restart: () => void) {
    this.#restart = restart;
  }

  get isPending(): boolean {
    return this.#timer !== undefined;
  }

  schedule(): void {
    const now = performance.now();
    const wasLong = now - this.#lastAt > LONG_MS;
    this.#delayMs = wasLong ? 0 : Math.min(Math.max(2 * this.#delayMs, FIRST_DELAY_MS), LONGEST_DELAY_MS);
    this.#timer = setTimeout(() => this.#run(), this.#delayMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    this.#timer = undefined;
    this.#lastAt = performance.now();
    this.#restart();
  }
}
