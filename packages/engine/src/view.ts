import type { JobDefinition, ProcessRole } from '@maverick/conf';
import type { InstanceRef, ProcessId, SessionId } from './input.js';
import type { Goal, JobState } from './job-state.js';

/** A live process of an instance. `pid` is absent until the embedder has reported it. */
export interface ProcessView {
  readonly role: ProcessRole;
  readonly process: ProcessId;
  readonly pid?: number;
}

/** An instance as it is now. */
export interface InstanceView {
  readonly ref: InstanceRef;
  readonly goal: Goal;
  readonly state: JobState;
  /** In the order of `PROCESS_ROLES`. */
  readonly processes: readonly ProcessView[];
  readonly env: readonly string[];
}

/** A job class as it is now: the registered definition of one name in one session. */
export interface JobView {
  readonly session: SessionId;
  readonly name: string;
  readonly definition: JobDefinition;
  /** In the order in which they were made. */
  readonly instances: readonly InstanceView[];
}
