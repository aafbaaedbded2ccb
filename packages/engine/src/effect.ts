import type { JobDefinition, ProcessRole } from '@maverick/conf';
import type { InstanceRef, ProcessId, RequestId, SessionId, TimerId } from './input.js';
import type { Goal, JobState } from './job-state.js';

/** What led to an effect. Numbers are those of the engine: inputs and events are counted from 1. */
export interface Cause {
  /** The dispatch in which it happened. */
  readonly input: number;
  /** The event whose handling or end led to it. */
  readonly event?: number;
  /** The instance whose change led to it. */
  readonly instance?: InstanceRef;
}

/** What a command failed with. The spelling is that of the D-Bus error names after `com.ubuntu.Upstart0_6.Error.`, where there is one. */
export type ReplyErrorCode =
  | 'UnknownJob'
  | 'UnknownInstance'
  | 'UnknownJobInstance'
  | 'AlreadyStarted'
  | 'AlreadyStopped'
  | 'NotRunning'
  | 'JobFailed'
  | 'EventFailed'
  | 'InvalidArgs'
  | 'LimitsExceeded'
  | 'PermissionDenied'
  | 'Deadlock';

/** The answer to a request. */
export type Reply =
  | { readonly ok: true; readonly instance?: InstanceRef }
  | { readonly ok: false; readonly code: ReplyErrorCode; readonly message: string };

export type LogPriority = 'debug' | 'info' | 'message' | 'warn' | 'error' | 'fatal';

/** Who or what waits, in the graph of waits. */
export type WaitNode =
  | {
      readonly kind: 'call';
      readonly call: 'start' | 'stop' | 'restart' | 'emit';
      readonly request: RequestId;
      /** The job or the event that it was made for. */
      readonly target: string;
      readonly instance?: InstanceRef;
    }
  | { readonly kind: 'job'; readonly instance: InstanceRef }
  /** `hook`: the job that waits in it, for a `starting` or `stopping`. */
  | { readonly kind: 'event'; readonly event: number; readonly name: string; readonly hook?: InstanceRef };

interface Caused {
  readonly cause: Cause;
}

/** Something to be done outside. Perform them in order. */
export type Action =
  | (Caused & {
      readonly kind: 'spawn';
      readonly process: ProcessId;
      readonly instance: InstanceRef;
      readonly role: ProcessRole;
      /** The definition that the instance was made from. */
      readonly definition: JobDefinition;
      /** The whole environment but for what the embedder adds (`UPSTART_SESSION`), `KEY=VALUE`, in order. */
      readonly env: readonly string[];
      /** Descriptors to be passed on. */
      readonly fds: readonly number[];
    })
  | (Caused & {
      readonly kind: 'kill';
      readonly process: ProcessId;
      readonly instance: InstanceRef;
      readonly role: ProcessRole;
      /** Signal number. */
      readonly signal: number;
      /** True: the process group; false: the process alone (reload). */
      readonly group: boolean;
    })
  /** SIGCONT for a process that stopped itself to say that it is ready. */
  | (Caused & {
      readonly kind: 'continue';
      readonly process: ProcessId;
      readonly instance: InstanceRef;
      readonly role: ProcessRole;
    })
  /** Dispatch `timer-fired` when the monotonic clock reaches `dueAt` (milliseconds). */
  | (Caused & { readonly kind: 'set-timer'; readonly timer: TimerId; readonly dueAt: number })
  | (Caused & { readonly kind: 'clear-timer'; readonly timer: TimerId })
  | (Caused & { readonly kind: 'reply'; readonly request: RequestId; readonly reply: Reply })
  | (Caused & { readonly kind: 'close-fd'; readonly fd: number })
  /** The session init has nothing left to do and ends. */
  | (Caused & { readonly kind: 'exit' });

/** Something that has happened inside: nothing needs doing, everybody may want to know. */
export type Notification =
  /** A session came to be; it is gone, with the last of its jobs. The system's is always there. */
  | (Caused & { readonly kind: 'session-opened' | 'session-closed'; readonly session: SessionId })
  | (Caused & { readonly kind: 'job-added' | 'job-removed'; readonly session: SessionId; readonly job: string })
  | (Caused & { readonly kind: 'instance-added' | 'instance-removed'; readonly instance: InstanceRef })
  | (Caused & { readonly kind: 'goal-changed'; readonly instance: InstanceRef; readonly from: Goal; readonly to: Goal })
  | (Caused & {
      readonly kind: 'state-changed';
      readonly instance: InstanceRef;
      readonly from: JobState;
      readonly to: JobState;
    })
  /** First failure of a run. `status`: exit code, signal × 256, or -1 where the process could not be spawned. */
  | (Caused & {
      readonly kind: 'job-failed';
      readonly instance: InstanceRef;
      readonly process: ProcessRole | 'respawn' | 'timeout';
      readonly status: number;
    })
  | (Caused & { readonly kind: 'job-respawning' | 'job-respawn-limit'; readonly instance: InstanceRef })
  | (Caused & {
      readonly kind: 'event-queued' | 'event-handling' | 'event-finished';
      readonly event: number;
      readonly session: SessionId;
      readonly name: string;
      readonly env: readonly string[];
      readonly failed: boolean;
    })
  /** The supervised PID of a process moved to a child (`expect fork`, `expect daemon`). */
  | (Caused & {
      readonly kind: 'process-moved';
      readonly process: ProcessId;
      readonly instance: InstanceRef;
      readonly role: ProcessRole;
      readonly pid: number;
    })
  /** A class's `instance` could not be expanded, so an event that wanted to start one did not. */
  | (Caused & {
      readonly kind: 'instance-unnamed';
      readonly session: SessionId;
      readonly job: string;
      readonly message: string;
    })
  /** An event or a state wanted to start it, but its session has as many instances as it may have. */
  | (Caused & { readonly kind: 'instance-refused'; readonly instance: InstanceRef })
  /** Refused: it was started too often by one input (rule E10). */
  | (Caused & { readonly kind: 'start-loop'; readonly instance: InstanceRef })
  /** An event wanted to start it, but its `while` does not hold (rule S5). */
  | (Caused & { readonly kind: 'start-refused'; readonly instance: InstanceRef })
  /** `start timeout` is over (rule T1). */
  | (Caused & { readonly kind: 'start-timed-out'; readonly instance: InstanceRef })
  /** `respawn backoff`: the respawn waits until then, monotonic milliseconds (rule T2). */
  | (Caused & { readonly kind: 'respawn-delayed'; readonly instance: InstanceRef; readonly dueAt: number })
  /** `watchdog`: the main process gave no sign of life in time, and is told to end (rule T2). */
  | (Caused & { readonly kind: 'watchdog-expired'; readonly instance: InstanceRef })
  /** A job lets go of a hook that it held by half a condition (rule E7). `hook`: the job that waited in it. */
  | (Caused & {
      readonly kind: 'hook-timed-out';
      readonly session: SessionId;
      readonly job: string;
      readonly event: number;
      readonly name: string;
      readonly hook: InstanceRef;
    })
  /** A start waits to be confirmed, until then at most, monotonic milliseconds; it has been answered, or the time is over. */
  | (Caused & { readonly kind: 'start-held'; readonly instance: InstanceRef; readonly until?: number })
  | (Caused & {
      readonly kind: 'start-answered';
      readonly instance: InstanceRef;
      readonly answer: 'yes' | 'no' | 'time-over';
    })
  /** A job's `while` never holds, because it would close a cycle (rule S11). */
  | (Caused & { readonly kind: 'while-cycle'; readonly session: SessionId; readonly job: string })
  /** A wait was refused, because it would have closed this cycle; the first node is the last one, too (rules D0-D2). */
  | (Caused & { readonly kind: 'deadlock'; readonly chain: readonly WaitNode[] })
  /** A line for the log, in the original's words (spec: engine.md section 11). */
  | (Caused & {
      readonly kind: 'log';
      readonly priority: LogPriority;
      readonly message: string;
      readonly instance?: InstanceRef;
      /** Of which session it tells, where it is neither the system's nor of an instance. */
      readonly session?: SessionId;
    });

/** What `dispatch` returns. Data only: no callbacks, no handles, JSON-safe. */
export type Effect = Action | Notification;
