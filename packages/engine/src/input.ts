import type { ExitStatus, JobDefinition, ProcessRole } from '@maverick/conf';
import type { SessionLimits } from './session-limits.js';

/** A session's id. The system's session is {@link SYSTEM}. */
export type SessionId = string;
/** The session that is neither a chroot's nor a user's. */
export const SYSTEM: SessionId = '';

/** Names one instance. `instance` is the expanded `instance` stanza, `''` for a job that has only one. */
export interface InstanceRef {
  readonly session: SessionId;
  readonly job: string;
  readonly instance: string;
}

/**
 * The engine's own number for a process that it asked for: unique for the life of the engine and its snapshots, never
 * used again, and not the PID, which the engine only learns and passes on.
 */
export type ProcessId = number;
/** Chosen by whoever asks; comes back once in a `reply` effect. Must not be used again while its answer is outstanding. */
export type RequestId = number;
/** The engine's number for a timer that it asked for. */
export type TimerId = number;

/** The job process (or the descendant of one) that made a call: what lets a wait for oneself be seen as a deadlock. */
export interface Caller {
  readonly instance: InstanceRef;
  readonly process: ProcessId;
}

/** What every input carries. */
interface Stamped {
  /** Monotonic time in milliseconds, never decreasing. */
  readonly at: number;
}

/** A command on one job or instance. Exactly one `reply` effect answers `request`. */
interface Command extends Stamped {
  readonly session: SessionId;
  readonly job: string;
  /**
   * Which instance: by name (D-Bus `Instance.Start` …, the old environment is kept), or, where absent, by expanding the
   * `instance` stanza with `env` (D-Bus `Job.Start` …).
   */
  readonly instance?: string;
  /** `KEY=VALUE` entries; ignored where `instance` is given. */
  readonly env?: readonly string[];
  readonly request: RequestId;
  /** True: answer with the outcome. False: answer as soon as the goal is set. */
  readonly wait: boolean;
  readonly caller?: Caller;
}

/** Why a process did not come to run: the step of its set-up that failed. */
export interface SpawnFailure {
  /** Stable name of the step, such as `chdir` or `exec`; `fork` where no process came to be. */
  readonly step: string;
  /** What the step was applied to (a path, a user …), where it has one. */
  readonly argument?: string;
  readonly errno: number;
  /** The original's text, such as `unable to change working directory: No such file or directory`. */
  readonly message: string;
}

/** Which environment a table command means: one instance's, or the session's table. */
interface EnvironmentCommand extends Stamped {
  readonly session: SessionId;
  readonly target?: { readonly job: string; readonly instance: string };
  readonly request: RequestId;
}

/** An instance of an earlier engine, as its living processes tell of it. */
export interface AdoptedInstance {
  /** Its name. */
  readonly instance: string;
  /** What it was started with, `KEY=VALUE`. */
  readonly env: readonly string[];
  /** At least one; each with the number that it had. */
  readonly processes: readonly {
    readonly process: ProcessId;
    readonly role: ProcessRole;
    readonly pid: number;
  }[];
}

/** Something that happened outside the engine. JSON-safe. */
export type Input =
  /** Define or change a job. A session that has not been opened comes to be. */
  | (Stamped & {
      readonly kind: 'define-job';
      readonly session: SessionId;
      readonly name: string;
      readonly definition: JobDefinition;
    })
  /**
   * Define jobs of an earlier engine whose state is lost, with the instances of which processes live: each is where its
   * processes say, such as `running` for a main process. No event tells of that. Only for a new engine.
   */
  | (Stamped & {
      readonly kind: 'adopt-jobs';
      readonly session: SessionId;
      /** A job that is defined already keeps its definition. */
      readonly jobs: readonly {
        readonly name: string;
        readonly definition: JobDefinition;
        readonly instances: readonly AdoptedInstance[];
      }[];
      /** New processes get numbers from this one on: nobody who lives has one of these. */
      readonly nextProcess: ProcessId;
    })
  | (Stamped & { readonly kind: 'remove-job'; readonly session: SessionId; readonly name: string })
  | (Stamped & {
      readonly kind: 'emit';
      readonly session: SessionId;
      readonly name: string;
      readonly env: readonly string[];
      /** Descriptors that travel with the event, numbers in the embedder's process. */
      readonly fds?: readonly number[];
      /** Absent for an event that nobody asked for (`startup`, a signal). */
      readonly request?: RequestId;
      readonly wait?: boolean;
      readonly caller?: Caller;
    })
  | (Command & { readonly kind: 'start' | 'stop' | 'restart' })
  | (Omit<Command, 'wait'> & { readonly kind: 'reload' })
  | (EnvironmentCommand & { readonly kind: 'set-env'; readonly variables: readonly string[]; readonly retain: boolean })
  | (EnvironmentCommand & { readonly kind: 'unset-env'; readonly names: readonly string[] })
  | (EnvironmentCommand & { readonly kind: 'reset-env' })
  /** The process exists and has executed its program. */
  | (Stamped & { readonly kind: 'process-started'; readonly process: ProcessId; readonly pid: number })
  | (Stamped & { readonly kind: 'spawn-failed'; readonly process: ProcessId; readonly failure: SpawnFailure })
  | (Stamped & { readonly kind: 'process-exited'; readonly process: ProcessId; readonly status: ExitStatus })
  /** A signal stopped the process: `expect stop`. */
  | (Stamped & { readonly kind: 'process-stopped'; readonly process: ProcessId; readonly signal: number })
  /**
   * A main process has forked away (`expect fork`, `expect daemon`), or named another (`expect notify`): `pid` is to be
   * supervised from now on.
   */
  | (Stamped & { readonly kind: 'process-forked'; readonly process: ProcessId; readonly pid: number })
  /** A traced main process executed another program. */
  | (Stamped & { readonly kind: 'process-execed'; readonly process: ProcessId })
  /** `expect notify` or `expect fd` reported readiness; or a main process that forks away has settled, however often it did. */
  | (Stamped & { readonly kind: 'process-ready'; readonly process: ProcessId })
  /** The process gave a sign of life: `watchdog`. */
  | (Stamped & { readonly kind: 'process-alive'; readonly process: ProcessId })
  | (Stamped & { readonly kind: 'timer-fired'; readonly timer: TimerId })
  /** `limits`: how much it may have; one that is open keeps those that it has. Absent: no limits. */
  | (Stamped & {
      readonly kind: 'open-session';
      readonly session: SessionId;
      readonly env: readonly string[];
      readonly limits?: SessionLimits;
    })
  | (Stamped & { readonly kind: 'close-session'; readonly session: SessionId })
  /**
   * Have starts confirmed from now on (`on`), those of some jobs or, where `jobs` is empty, of all; or no longer. Each then waits
   * in `starting` until it is answered, at most so long, which means yes; 0: for ever.
   */
  | (Stamped & {
      readonly kind: 'confirm';
      readonly session: SessionId;
      readonly on: boolean;
      readonly jobs: readonly string[];
      readonly timeoutMs: number;
      readonly request?: RequestId;
    })
  /** The word for a start that waits: `always` counts for its job from now on; `quit`: no more is asked. */
  | (Stamped & {
      readonly kind: 'answer-start';
      readonly session: SessionId;
      readonly job: string;
      readonly instance: string;
      readonly answer: 'yes' | 'no' | 'always' | 'quit';
      readonly request: RequestId;
    })
  /** The session init is to end: `shutdown` for SIGTERM, `logout` for EndSession. */
  | (Stamped & { readonly kind: 'quiesce'; readonly type: 'logout' | 'shutdown' });
