import type { Definition } from './definition.js';
import type { Environment } from './environment.js';
import type { SessionId } from './input.js';
import type { Failure, Instance } from './instance.js';
import type { StartMemory } from './memory.js';
import type { Origin } from './origin.js';
import type { SessionLimits } from './session-limits.js';

/** How the latest of a job's instances to rest came to rest. */
export interface LastRun {
  readonly instance: string;
  readonly failure: Failure | undefined;
  /** What made it stop. */
  readonly because: Origin | undefined;
}

/** A job: all that goes by one name in one session. */
export interface JobClass {
  readonly session: SessionId;
  readonly name: string;
  /** Classes are visited in this order. */
  order: number;
  /** When its definition was made, for the cycle check of `while`. */
  definedAt: number;
  /** What new instances are made from. */
  definition: Definition;
  /** By name, in the order in which they were made. */
  readonly instances: Map<string, Instance>;
  /** Original's semantics: what follows when the last instance is gone. */
  next: Definition | 'removed' | undefined;
  /** Maverick's semantics: its file is gone, what runs may end. */
  deleted: boolean;
  /** Original's semantics: the event that each operand of `start on` holds, 0 for none. */
  startHolds: number[];
  /** Maverick's semantics: what `start on` remembers. */
  startMemory: StartMemory;
  /** Maverick's semantics: the episodes of `while` in progress, by instance name, with the environment of the state. */
  readonly episodes: Map<string, Environment>;
  /** The keys under which it is listed in {@link Session.listeners}. */
  listensTo: ReadonlySet<string>;
  /** The job names under which it is listed in {@link Session.dependants}. */
  dependsOn: ReadonlySet<string>;
  /** Since when it has no instance, monotonic milliseconds, and how the last one ended; for `explain`. */
  idleSince: number;
  lastRun: LastRun | undefined;
  /** It is in {@link World.unsettled}. */
  unsettled: boolean;
}

export const newClass = (session: SessionId, name: string, order: number, definition: Definition): JobClass => ({
  session,
  name,
  order,
  definedAt: order,
  definition,
  instances: new Map(),
  next: undefined,
  deleted: false,
  startHolds: [],
  startMemory: { named: new Map(), common: [] },
  episodes: new Map(),
  listensTo: new Set(),
  dependsOn: new Set(),
  idleSince: 0,
  lastRun: undefined,
  unsettled: false,
});

/** Whose starts are to be confirmed. */
export interface Confirming {
  /** Empty: of all jobs. */
  readonly jobs: readonly string[];
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** Jobs that are not asked about any more. */
  readonly always: readonly string[];
}

/** A set of jobs with an environment table of its own. */
export interface Session {
  readonly id: SessionId;
  /** The job environment table. */
  env: Environment;
  /** What `reset-env` goes back to. */
  readonly initialEnv: Environment;
  readonly classes: Map<string, JobClass>;
  /** Classes by what their conditions wait for: see `listener-index.ts`. */
  readonly listeners: Map<string, Set<JobClass>>;
  /** Classes by the names of the jobs that their `while` asks about. */
  readonly dependants: Map<string, Set<JobClass>>;
  /** Absent: as much as there is. */
  readonly limits?: SessionLimits;
  /** When the last of its respawns had, or has, its turn, where they are limited: a later one comes after it. */
  respawnsAt: number;
  /** Starts are to be confirmed. */
  confirming?: Confirming | undefined;
  /** It goes with its last job. */
  closing: boolean;
}
