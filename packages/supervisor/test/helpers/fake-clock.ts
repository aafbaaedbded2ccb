import type { Clock } from '../../src/clock.js';

interface Alarm {
  readonly dueAt: number;
  readonly callback: () => void;
}

/** A clock that moves only when it is told to. */
export class FakeClock implements Clock {
  #now = 1_000;
  #alarms: Alarm[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return Date.UTC(2020, 0, 1) + this.#now;
  }

  at(dueAt: number, callback: () => void): () => void {
    const alarm = { dueAt, callback };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Let time pass; what falls due is called back in order, at its own time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    while (this.#callNext(until));
    this.#now = until;
  }

  /** The same, but promises settle after each call, so that what they lead to can set alarms of its own. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms;
    do await new Promise(setImmediate);
    while (this.#callNext(until));
    this.#now = until;
  }

  #callNext(until: number): boolean {
    const [next] = this.#alarms.filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt);
    if (next === undefined) return false;
    this.#alarms = this.#alarms.filter((other) => other !== next);
    this.#now = Math.max(this.#now, next.dueAt);
    next.callback();
    return true;
  }

  get alarms(): number {
    return this.#alarms.length;
  }
}
