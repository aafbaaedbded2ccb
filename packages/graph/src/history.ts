import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type {
  Caller,
  Cause,
  EngineOptions,
  Input,
  InstanceRef,
  JobState,
  ProcessId,
  SessionId,
  TimerId,
} from '@maverick/engine';

/** When something happened. */
export interface Moment {
  /** Monotonic milliseconds: for distances, within one boot of the machine. */
  readonly at: number;
  /** Wall clock, ISO 8601 in UTC. */
  readonly time: string;
}

/** What the engine was told, as far as causes are told by it. */
export interface InputFact extends Moment {
  readonly number: number;
  readonly kind: Input['kind'];
  /** Of a command: its job. Of an `emit`: the event. */
  readonly name?: string;
  /** Whose end, start or message it is. */
  readonly process?: ProcessId;
  readonly timer?: TimerId;
  /** The job's process that made the call. */
  readonly caller?: Caller;
  readonly status?: ExitStatus;
  /** Whose it is, where no line has told of the process. */
  readonly of?: Pick<ProcessFact, 'instance' | 'role'>;
}

/** An event, when it was emitted. */
export interface EventFact extends Moment {
  readonly number: number;
  readonly session: SessionId;
  readonly name: string;
  readonly env: readonly string[];
  readonly cause: Cause;
}

/** What has come about, and the cause in the journal. */
export interface Came {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly cause: Cause;
}

/** A process of a job, from the moment at which it was asked for. */
export interface ProcessFact {
  readonly process: ProcessId;
  readonly instance: InstanceRef;
  readonly role: ProcessRole;
  /** Of a process that had been there before the journal began: from when on it is told of. */
  readonly askedAt: number;
  /** Undefined: it was asked for before the journal began. */
  readonly cause: Cause | undefined;
  /** Its last one: it moves where a daemon forks away. */
  pid?: number;
  startedAt?: number;
  endedAt?: number;
  status?: ExitStatus | { readonly kind: 'unknown' };
  /** Why it could not be started. */
  failure?: string;
  /** The answers to its calls that had to wait for something, the first one first. */
  readonly answers: Came[];
}

/** A state, from when an instance entered it. */
export interface Phase {
  readonly state: JobState;
  readonly at: number;
  /** What led into it. */
  readonly cause: Cause;
}

/** One life of an instance: from `starting` until it rests, is restarted or respawned. */
export interface Run {
  readonly ref: InstanceRef;
  /** When it began to start; without a beginning: from when on it is told of. */
  readonly began: Moment;
  /** It had begun before the journal did, or while lines were lost: what came of it until then is not known. */
  readonly isCut: boolean;
  /** False of one that is cut, where no snapshot tells when and why it began. */
  readonly hasBeginning: boolean;
  /** Of one that is cut, where a snapshot tells: when it had its first process. */
  readonly ranFrom?: number;
  /** What made it start: an event, a command; for a respawn the end of the process before. Undefined: not known. */
  readonly startCause: Cause | undefined;
  /** It took the place of one whose main process had ended. */
  readonly isRespawn: boolean;
  /** A `task`: it is done when it has ended. */
  readonly isTask: boolean;
  /** The states that it was in for some time, and the last one, in order. */
  readonly phases: Phase[];
  readonly processes: ProcessFact[];
  /** When it was first `running`, and what led to that. Never of one that is cut. */
  up?: Came;
  /** What made it stop; absent: its process ended by itself, or it has not stopped. */
  stopCause?: Cause;
  /** First failure. `status`: exit code, signal × 256, or -1 where a process could not be started. */
  failure?: { readonly process: string; readonly status: number };
  /** Undefined as long as it goes on, and where the daemon ended before it. */
  ended?: Moment;
}

/** What was told of one life of the daemon: from its beginning to its end, re-executions included. */
export interface History {
  /** The lines do not reach back to the daemon's beginning: what ran before the first of them is told only where it changed. */
  readonly isCut: boolean;
  /** The daemon's beginning. Absent where the journal does not tell it. */
  readonly began?: Moment & { readonly pid: number; readonly options: EngineOptions };
  /** Of the first and the last line. */
  readonly from: Moment;
  readonly to: Moment;
  readonly runs: readonly Run[];
  readonly events: ReadonlyMap<number, EventFact>;
  readonly inputs: ReadonlyMap<number, InputFact>;
  readonly processes: ReadonlyMap<ProcessId, ProcessFact>;
  /** What set each timer. */
  readonly timers: ReadonlyMap<TimerId, Cause>;
  /** So many lines were lost in between: what is told may have gaps. */
  readonly lostLines: number;
}

/**
 * How long a run took, or has taken until `now`: from its first process until its end; at least so long where it
 * has no beginning. Undefined: it never had a process.
 */
export const ranMs = ({ processes, ended, began, hasBeginning, ranFrom }: Run, now: number): number | undefined => {
  if (!hasBeginning) return Math.max(0, (ended?.at ?? now) - began.at);
  const first = ranFrom ?? processes.find(({ startedAt }) => startedAt !== undefined)?.startedAt;
  return first === undefined ? undefined : Math.max(0, (ended?.at ?? now) - first);
};

/** Whether an instance was up at a moment: a service or task whose main process is there to do its work. */
export const wasUp = ({ up, isCut, phases, ended }: Run, at: number): boolean => {
  if ((up === undefined && !isCut) || (up !== undefined && up.at > at) || (ended !== undefined && ended.at <= at))
    return false;
  return phases.findLast((phase) => phase.at <= at)?.state === 'running';
};
