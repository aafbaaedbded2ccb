import type { RequestId } from './input.js';

/** Who waits: a waiting command, or an event, which in its turn holds its emitter or a job's hook. */
type WaitingParty =
  | { readonly kind: 'request'; readonly request: RequestId; readonly failure: string }
  | { readonly kind: 'event'; readonly event: number };

/**
 * What a waiter of an instance wants to see.
 *
 * - `up`: that the instance comes up, or, for a task, finishes;
 * - `down`: that it comes down;
 * - `gone`: the same, but whatever it takes: a state that ends waits so for what runs `while` it, and never fails by it.
 *
 * The original knows only one kind: whoever waits is answered at the next turn of the job's life.
 */
export type Want = 'up' | 'down' | 'gone';

export interface Waiter {
  readonly party: WaitingParty;
  readonly want: Want;
  /** The run whose outcome is awaited (`up`). */
  run: number;
}
