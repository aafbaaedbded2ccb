import type { ProcessRole } from '@maverick/conf';
import type { Definition } from './definition.js';
import type { Environment } from './environment.js';
import { type InstanceRef, type ProcessId, type SessionId, SYSTEM, type TimerId } from './input.js';
import type { JobClass } from './job-class.js';
import type { Goal, JobState } from './job-state.js';
import type { OperandMemory } from './memory.js';
import type { Origin } from './origin.js';
import type { Waiter } from './waiter.js';

/** The first failure of a run. */
export interface Failure {
  readonly process: ProcessRole | 'respawn' | 'timeout';
  /** Exit code, signal × 256, or -1 where there is none. */
  readonly status: number;
}

/** One copy of a job, from its first start until it rests again. */
export interface Instance {
  /** Unique for the life of the engine: a later instance of the same name is another. */
  readonly id: number;
  readonly ref: InstanceRef;
  readonly jobClass: JobClass;
  /** What it runs; may be older than what its class says. */
  definition: Definition;
  goal: Goal;
  /** What gave it its goal; absent until it has been given one. */
  because: Origin | undefined;
  state: JobState;
  /** Since when it is in this state, monotonic milliseconds. */
  since: number;
  /** When its present run began to start, monotonic milliseconds; undefined where that was not seen. */
  began: number | undefined;
  /** When the first process of that run was asked for. */
  ranSince: number | undefined;
  env: Environment;
  /** What the next `starting` makes the environment. */
  nextEnv: Environment | undefined;
  stopEnv: Environment | undefined;
  /** Descriptors handed to its processes. */
  fds: readonly number[];
  readonly processes: Map<ProcessRole, ProcessId>;
  /** The hook that it waits in: the number of its `starting` or `stopping` event. */
  blocker: number | undefined;
  /** Its start waits to be confirmed; what ends the wait. */
  unconfirmed: { readonly timer?: TimerId } | undefined;
  waiters: Waiter[];
  failure: Failure | undefined;
  /** Start of the respawn window, whole seconds, and the respawns in it. */
  respawnSince: number;
  respawnCount: number;
  /** Forks of the main process seen so far (`expect fork`, `expect daemon`). */
  forks: number;
  /** What would kill the process that was told to end. */
  killTimer: TimerId | undefined;
  /** `stop on` in the original's semantics: the event that each operand holds, 0 for none. */
  stopHolds: number[];

  // Maverick's semantics only.
  /** `stop on`: what each operand remembers. */
  stopMemory: OperandMemory[];
  /** Counts the runs; a respawn goes on with the same. */
  run: number;
  /** The run in progress must go to its end, whatever the goal is. */
  ending: boolean;
  /** The run is ending because its main process died and is to be respawned. */
  respawning: boolean;
  /** It is a state that holds, for `while`. */
  up: boolean;
  /** Started by hand although its `while` does not hold (rule S7). */
  override: boolean;
  /** What asked for the present run, and for the next: kept by a restart. */
  request: Environment;
  nextRequest: Environment | undefined;
  /** Operands of `start on` whose records this start used up (rule E5). */
  usedOperands: readonly number[];
  /** What its last `starting` or `started` event showed of it (rule S3). */
  shown: Environment;
  startTimer: TimerId | undefined;
  /** When its present run came up, monotonic milliseconds. */
  upSince: number | undefined;
  /** The last wait before a respawn, milliseconds. */
  backoffMs: number;
  /** A wait before the respawn that is under way: still to come, or the timer that ends it. */
  backoff: 'due' | TimerId | undefined;
  watchdogTimer: TimerId | undefined;
}

/** What is said after a name that is not the system's: ` [SESSION]`. So no session's job passes for one of the system. */
export const ofSession = (session: SessionId): string => (session === SYSTEM ? '' : ` [${session}]`);

/** `JOB` or `JOB (INSTANCE)`, as whoever is in its session calls it. */
export const nameInSession = ({ job, instance }: InstanceRef): string =>
  instance === '' ? job : `${job} (${instance})`;

/** {@link nameInSession}, for the log, where all sessions meet: a job of a session with ` [SESSION]` after it. */
export const displayName = (ref: InstanceRef): string => `${nameInSession(ref)}${ofSession(ref.session)}`;

export const newInstance = (id: number, jobClass: JobClass, name: string, definition: Definition): Instance => ({
  id,
  ref: { session: jobClass.session, job: jobClass.name, instance: name },
  jobClass,
  definition,
  goal: 'stop',
  because: undefined,
  state: 'waiting',
  since: 0,
  began: undefined,
  ranSince: undefined,
  env: [],
  nextEnv: undefined,
  stopEnv: undefined,
  fds: [],
  processes: new Map(),
  blocker: undefined,
  unconfirmed: undefined,
  waiters: [],
  failure: undefined,
  respawnSince: 0,
  respawnCount: 0,
  forks: 0,
  killTimer: undefined,
  stopHolds: [],
  stopMemory: [],
  run: 0,
  ending: false,
  respawning: false,
  up: false,
  override: false,
  request: [],
  nextRequest: undefined,
  usedOperands: [],
  shown: [],
  startTimer: undefined,
  upSince: undefined,
  backoffMs: 0,
  backoff: undefined,
  watchdogTimer: undefined,
});
