import type { Effect, Reply } from './effect.js';
import type { Engine } from './engine.js';
import type { Input, InstanceRef, RequestId, SessionId } from './input.js';
import type { JobState } from './job-state.js';
import type { Recording } from './replay.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** An input without its time. */
export type UntimedInput = WithoutTime<Input>;

/** What happens to the simulated machine; `at` in milliseconds from its beginning, default 0. */
export type SimulatedInput = UntimedInput & { readonly at?: number };

/** What would have happened. Times are milliseconds from the beginning. */
export interface Simulation {
  /** Every effect, with its time. */
  readonly timeline: readonly { readonly at: number; readonly effect: Effect }[];
  /** Every state that an instance came into. */
  readonly states: readonly { readonly at: number; readonly instance: InstanceRef; readonly state: JobState }[];
  /** Every event, in the order in which they were emitted; `finishedAt` is absent if it never finished. */
  readonly events: readonly SimulatedEvent[];
  /** The answers, by request. */
  readonly replies: ReadonlyMap<RequestId, { readonly at: number; readonly reply: Reply }>;
  /** When the last thing happened. */
  readonly endedAt: number;
  /** Nothing was left to happen; false: the time or the number of inputs was up before. */
  readonly cameToRest: boolean;
  /** Whose processes were started more than a hundred times while no time passed: there it was left. */
  readonly loop?: InstanceRef;
  /** The engine at the end: ask it for jobs and explanations. */
  readonly engine: Engine;
  /** All that the engine was told: `replay` it. */
  readonly recording: Recording;
}

export interface SimulatedEvent {
  readonly event: number;
  readonly session: SessionId;
  readonly name: string;
  readonly env: readonly string[];
  readonly at: number;
  readonly finishedAt?: number;
  readonly failed: boolean;
}
