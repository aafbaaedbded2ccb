import { type BridgeEvent, type Daemon, DaemonGoneError } from './bridge.js';

/** So many may be on their way at once. */
const UNDER_WAY = 256;
/** Memory is not without bounds while there is no daemon. */
const MOST_KEPT = 100_000;

/**
 * Events on their way to the daemon, in their order. While there is no daemon they are kept; those that were on their way when it
 * went are sent again.
 */
export class Outbox {
  readonly #daemon: Daemon;
  #waiting: BridgeEvent[] = [];
  /** The first of those that wait is here; what stands before it is done with. */
  #next = 0;
  readonly #underWay = new Set<BridgeEvent>();
  #open = false;
  #dropped = 0;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  push(event: BridgeEvent): void {
    if (this.#waiting.length - this.#next < MOST_KEPT) this.#waiting.push(event);
    else this.#dropped += 1;
    this.#send();
  }

  /** There is a daemon. */
  open(): void {
    this.#open = true;
    this.#send();
  }

  /** There is none. */
  hold(): void {
    this.#open = false;
    this.#waiting = [...this.#underWay, ...this.#waiting.slice(this.#next)];
    this.#next = 0;
    this.#underWay.clear();
  }

  #send(): void {
    while (this.#open && this.#underWay.size < UNDER_WAY) {
      const event = this.#waiting[this.#next];
      if (event === undefined) {
        this.#emptied();
        return;
      }
      this.#next += 1;
      this.#underWay.add(event);
      this.#daemon.tell(event).then(
        () => this.#arrived(event),
        (error: unknown) => this.#refused(event, error),
      );
    }
  }

  #emptied(): void {
    this.#waiting = [];
    this.#next = 0;
    if (this.#dropped > 0) this.#daemon.report('warn', `Too many events for Upstart: ${this.#dropped} are lost`);
    this.#dropped = 0;
  }

  #arrived(event: BridgeEvent): void {
    if (this.#underWay.delete(event)) this.#send();
  }

  #refused(event: BridgeEvent, error: unknown): void {
    // Kept: `hold` is called, or was.
    if (error instanceof DaemonGoneError) return;
    // What the daemon does not want now it does not want the next time either.
    this.#daemon.report('warn', `Error emitting event: ${error instanceof Error ? error.message : error}`);
    this.#arrived(event);
  }
}
