import type { SessionId } from '@maverick/engine';
import { Allowance } from './allowance.js';
import type { Clock } from './clock.js';
import type { SessionPlan } from './session-plan.js';

/** What is left to each session that may ask so often only: who closes one and opens it again has no more. */
export class SessionAllowances {
  readonly #clock: Clock;
  readonly #of = new Map<SessionId, Allowance>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns undefined for a session that may ask as often as it likes */
  of({ id, requests }: SessionPlan): Allowance | undefined {
    if (requests === undefined) return undefined;
    const known = this.#of.get(id);
    if (known !== undefined) return known;
    // Who has everything again is as one who was never there.
    for (const [other, allowance] of this.#of) if (allowance.isFull) this.#of.delete(other);
    const allowance = new Allowance(requests, this.#clock);
    this.#of.set(id, allowance);
    return allowance;
  }
}
