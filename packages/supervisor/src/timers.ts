import type { TimerId } from '@maverick/engine';
import type { Clock } from './clock.js';

/** The engine's timers on a clock. */
export class Timers {
  readonly #clock: Clock;
  readonly #fired: (timer: TimerId) => void;
  readonly #cancel = new Map<TimerId, () => void>();

  constructor(clock: Clock, fired: (timer: TimerId) => void) {
    this.#clock = clock;
    this.#fired = fired;
  }

  set(timer: TimerId, dueAt: number): void {
    this.clear(timer);
    this.#cancel.set(
      timer,
      this.#clock.at(dueAt, () => {
        this.#cancel.delete(timer);
        this.#fired(timer);
      }),
    );
  }

  clear(timer: TimerId): void {
    this.#cancel.get(timer)?.();
    this.#cancel.delete(timer);
  }

  clearAll(): void {
    for (const cancel of this.#cancel.values()) cancel();
    this.#cancel.clear();
  }
}
