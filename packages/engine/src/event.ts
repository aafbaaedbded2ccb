import type { Environment } from './environment.js';
import type { RequestId, SessionId } from './input.js';
import type { Origin } from './origin.js';

/** An event in the queue. @see spec: engine.md 2.1 */
export interface QueuedEvent {
  readonly id: number;
  readonly session: SessionId;
  readonly name: string;
  readonly env: Environment;
  readonly fds: readonly number[];
  /** It tells of a job's life and stays in its session. */
  readonly ofJob: boolean;
  progress: 'pending' | 'handling';
  failed: boolean;
  /** Operands that hold it. */
  operands: number;
  /** Instances that have it as a waiter; one twice where two operands collected it. */
  readonly heldBy: number[];
  /** The instance that waits in it, as long as it does. */
  hookOf: number | undefined;
  /** The waiting emit call. */
  call: RequestId | undefined;
  /** Instances for which it was let through because waiting for them would have closed a cycle. */
  readonly letThrough: number[];
  /** When it was queued, monotonic milliseconds, and what led to it. */
  readonly at: number;
  readonly because: Origin;
}
