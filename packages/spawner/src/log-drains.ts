interface Drain {
  token: number;
  readonly callbacks: (() => void)[];
  readonly timer: NodeJS.Timeout;
}

/** Who waits for a log to have taken in what was written. Nobody waits for ever. */
export class LogDrains {
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  readonly #drains = new Map<number, Drain>();
  #token = 0;
  /** False: the last one was not answered in time, and the next ones are not waited for until one is. */
  #isAnswering = true;

  constructor(timeoutMs: number, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  get size(): number {
    return this.#drains.size;
  }

  /** What is still waited for: log and token. */
  *[Symbol.iterator](): Generator<readonly [log: number, token: number]> {
    for (const [log, { token }] of this.#drains) yield [log, token];
  }

  /** @returns the token that an answer must have reached */
  add(log: number, drained: () => void): number {
    this.#token += 1;
    if (!this.#isAnswering) {
      setImmediate(drained);
      return this.#token;
    }
    const known = this.#drains.get(log);
    if (known === undefined) {
      const timer = setTimeout(() => this.#giveUp(log), this.#timeoutMs);
      this.#drains.set(log, { token: this.#token, callbacks: [drained], timer });
    } else {
      known.token = this.#token;
      known.callbacks.push(drained);
    }
    return this.#token;
  }

  /** The log has answered; without a token it is at its end, which answers everything. */
  answered(log: number, token: number = this.#token): void {
    this.#isAnswering = true;
    const drain = this.#drains.get(log);
    if (drain !== undefined && token >= drain.token) this.#finish(log, drain);
  }

  /** Nobody is called any more. */
  close(): void {
    for (const { timer } of this.#drains.values()) clearTimeout(timer);
    this.#drains.clear();
  }

  finishAll(): void {
    for (const [log, drain] of this.#drains) this.#finish(log, drain);
  }

  #giveUp(log: number): void {
    const drain = this.#drains.get(log);
    if (drain === undefined) return;
    if (this.#isAnswering) this.#onTimeout();
    this.#isAnswering = false;
    this.#finish(log, drain);
  }

  #finish(log: number, { callbacks, timer }: Drain): void {
    this.#drains.delete(log);
    clearTimeout(timer);
    for (const callback of callbacks) callback();
  }
}
