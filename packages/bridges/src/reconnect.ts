import type { Report } from './bridge.js';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** One use of a connection: it lasts until `ended` settles. */
export interface Attended {
  readonly ended: Promise<unknown>;
  close(): void;
}

/** A connection that is looked for again, more and more seldom, whenever it is not there. */
export class Reconnect<Connection extends Attended> {
  readonly #connect: () => Promise<Connection>;
  readonly #what: string;
  readonly #report: Report;
  #current: Connection | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #begun: Promise<void> | undefined;

  /**
   * @param connect may reject
   * @param what how messages call the other side: `D-Bus`
   */
  constructor(connect: () => Promise<Connection>, what: string, report: Report) {
    this.#connect = connect;
    this.#what = what;
    this.#report = report;
  }

  /** The connection, where there is one now. */
  get current(): Connection | undefined {
    return this.#current;
  }

  /** Begin, where it has not begun. Settles with the first attempt, whatever comes of it. */
  begin(): Promise<void> {
    this.#begun ??= this.#attempt(FIRST_WAIT_MS);
    return this.#begun;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#current?.close();
    this.#current = undefined;
  }

  async #attempt(waitMs: number): Promise<void> {
    try {
      const connection = await this.#connect();
      if (this.#closed) {
        connection.close();
        return;
      }
      this.#current = connection;
      void connection.ended.then(() => this.#lost());
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      this.#report(waitMs === FIRST_WAIT_MS ? 'warn' : 'debug', `Could not connect to ${this.#what}: ${reason}`);
      this.#later(Math.min(waitMs * 2, LONGEST_WAIT_MS));
    }
  }

  #lost(): void {
    if (this.#closed) return;
    this.#current = undefined;
    this.#report('info', `Disconnected from ${this.#what}`);
    this.#later(FIRST_WAIT_MS);
  }

  #later(waitMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#attempt(waitMs), waitMs);
  }
}
