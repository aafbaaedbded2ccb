import type { Environment } from './environment.js';
import type { TimerId } from './input.js';

/** What an operand remembers of an event that has long been let go (rule E1). */
export interface EventRecord {
  readonly event: number;
  readonly name: string;
  readonly env: Environment;
  readonly fds: readonly number[];
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** A hook that an operand holds (rule E2), and the timer that ends it (E7). */
export interface HeldHook {
  readonly event: number;
  readonly timer: TimerId | undefined;
}

export interface OperandMemory {
  record: EventRecord | undefined;
  hooks: HeldHook[];
}

/** What the operands of one condition remember, by operand. */
export type Records = OperandMemory[];

/** What a class remembers for `start on` (rule E9). */
export interface StartMemory {
  /** By instance name; for a job that has only one instance, all is here. */
  readonly named: Map<string, Records>;
  /** From events that name no instance. */
  common: Records;
}
