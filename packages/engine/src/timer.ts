import type { SessionId, TimerId } from './input.js';

/** What a timer is for. */
export type TimerPurpose =
  /** A process was told to end and must now be killed. */
  | { readonly kind: 'kill'; readonly instance: number; readonly process: number }
  /** A process could not be forked and is to be tried again. */
  | { readonly kind: 'fork-again'; readonly instance: number; readonly process: number }
  /** The result of starting a process is overdue, and its end is known. */
  | { readonly kind: 'spawn-result'; readonly process: number }
  /** Half a condition has held a hook long enough. */
  | {
      readonly kind: 'hook';
      readonly event: number;
      readonly session: SessionId;
      readonly job: string;
      /** The instance whose `stop on` holds it; absent for `start on`. */
      readonly instance?: number;
    }
  /** `start timeout`. */
  | { readonly kind: 'start-timeout'; readonly instance: number }
  /** `respawn backoff`: the wait before a respawn is over. */
  | { readonly kind: 'backoff'; readonly instance: number }
  /** A start waits to be confirmed. */
  | { readonly kind: 'confirm'; readonly instance: number }
  /** `watchdog`: the main process gave no sign of life in time. */
  | { readonly kind: 'watchdog'; readonly instance: number }
  /** The session init looks whether it can end. */
  | { readonly kind: 'quiesce' };

export interface Timer {
  readonly id: TimerId;
  /** Monotonic milliseconds. */
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}
