import type { Expect, ProcessRole } from '@maverick/conf';
import type { WaitNode } from './effect.js';
import type { InstanceRef, ProcessId, SessionId } from './input.js';
import type { Failure } from './instance.js';
import type { Goal, JobState } from './job-state.js';
import type { Reason } from './origin.js';

/**
 * What to explain: a job, one of its instances, an event that has not finished, by its number, or any event, spelt as a
 * condition spells it: `['started', 'JOB=db']`.
 */
export type ExplainSubject =
  | { readonly session: SessionId; readonly job: string; readonly instance?: string }
  | { readonly event: number }
  | { readonly session: SessionId; readonly condition: readonly string[] };

/** Who could make an operand true. */
export type EventSource =
  /** A job whose life the event tells of; `states`: where its instances are now. */
  | { readonly kind: 'job-event'; readonly job: string; readonly states: readonly JobState[] }
  /** A job that says, by `emits`, that its processes emit the event. */
  | { readonly kind: 'emits'; readonly session: SessionId; readonly job: string; readonly states: readonly JobState[] };

/** A `starting` or `stopping` that half a condition holds. */
export interface HeldHook {
  readonly event: number;
  readonly name: string;
  /** The job that waits in it. */
  readonly hook?: InstanceRef;
  /** Since when, and when it is let go; monotonic milliseconds. No `until`: for ever. */
  readonly since: number;
  readonly until?: number;
}

export interface OperandExplanation {
  /** As in the job file. */
  readonly text: string;
  readonly met: boolean;
  /** The event that met it, and when. */
  readonly seen?: { readonly name: string; readonly env: readonly string[]; readonly at: number };
  readonly holds: readonly HeldHook[];
  /** Where it is not met: who could meet it; the first few. */
  readonly sources: readonly EventSource[];
}

/** How far a `start on` or `stop on` has come. */
export interface ConditionExplanation {
  /** The instance that was named by the events so far, where the job has instances. */
  readonly instance?: string;
  /** Left to right. */
  readonly operands: readonly OperandExplanation[];
  /** What is left of the expression without what is met. */
  readonly missing: string;
}

/** What the `while` of a job says now. */
export interface WhileExplanation {
  /** It holds, for at least one instance. */
  readonly holds: boolean;
  /** It never holds, because it would close a cycle. */
  readonly cyclic: boolean;
  readonly terms: readonly {
    readonly job: string;
    readonly positive: boolean;
    readonly holds: boolean;
    readonly states: readonly JobState[];
  }[];
}

/** What an instance must see before it leaves its state. */
export type Awaits =
  /** The end of a hook: jobs that are at work for it, and half-met conditions that hold it. */
  | {
      readonly kind: 'hook';
      readonly event: number;
      readonly name: string;
      readonly heldBy: readonly WaitNode[];
      readonly conditions: readonly HoldingCondition[];
      /** The start waits to be confirmed, at most until then. */
      readonly unconfirmed?: { readonly until?: number };
    }
  /** `killAt`: when it gets SIGKILL. */
  | { readonly kind: 'process'; readonly role: ProcessRole; readonly process: ProcessId; readonly killAt?: number }
  | {
      readonly kind: 'readiness';
      readonly expect: Expect | undefined;
      readonly process: ProcessId;
      readonly until?: number;
    }
  | { readonly kind: 'respawn'; readonly until: number };

/** Half a condition that holds a hook. */
export interface HoldingCondition extends HeldHook {
  readonly job: string;
  /** Of a `stop on`: whose. */
  readonly instance?: string;
  readonly missing: string;
}

export interface InstanceExplanation {
  readonly kind: 'instance';
  readonly instance: InstanceRef;
  readonly goal: Goal;
  readonly state: JobState;
  /** Since when it is in its state, monotonic milliseconds. */
  readonly since: number;
  /** When it was given its goal. */
  readonly goalSince: number;
  /** Why it has its goal: the newest reason first, the first cause last. */
  readonly because: readonly Reason[];
  readonly failure?: Failure;
  readonly awaits?: Awaits;
  /** The way from it to what all wait for in the end; only itself where it waits for nobody. */
  readonly waitChain: readonly WaitNode[];
  readonly waiters: readonly WaitNode[];
  /** What has come of its `stop on`. */
  readonly stopOn?: ConditionExplanation;
  readonly sentences: readonly string[];
}

export interface JobExplanation {
  readonly kind: 'job';
  readonly session: SessionId;
  readonly job: string;
  readonly instances: readonly InstanceExplanation[];
  /** Without instances: since when, monotonic milliseconds. */
  readonly idleSince?: number;
  /** How the last of its instances came to rest. */
  readonly lastRun?: { readonly instance: string; readonly failure?: Failure; readonly because: readonly Reason[] };
  /** What would start it, and how far that has come: one for what is common, one for each instance that events have named. */
  readonly startOn: readonly ConditionExplanation[];
  readonly while?: WhileExplanation;
  /** The jobs that do not run, and wait for an event of this one. */
  readonly expectedBy: readonly ExpectingJob[];
  readonly sentences: readonly string[];
}

/** A job that an event of another would start, or help to. */
export interface ExpectingJob {
  readonly job: string;
  readonly event: 'starting' | 'started' | 'stopping' | 'stopped';
  /** What it would still need then; empty: nothing. */
  readonly missing: string;
}

export interface EventExplanation {
  readonly kind: 'event';
  readonly event: number;
  readonly session: SessionId;
  readonly name: string;
  readonly env: readonly string[];
  /** When it was emitted, monotonic milliseconds. */
  readonly since: number;
  readonly because: readonly Reason[];
  readonly heldBy: readonly WaitNode[];
  readonly conditions: readonly HoldingCondition[];
  readonly waiters: readonly WaitNode[];
  readonly sentences: readonly string[];
}

/** A condition that an event has a part in. */
export interface EventListener {
  readonly job: string;
  /** Of a `stop on`: the instance that would stop. */
  readonly instance?: string;
  readonly stanza: 'start on' | 'stop on';
  /** Where the instances of the job are now. */
  readonly states: readonly JobState[];
  /** What it would still need if the event came now; empty: nothing. */
  readonly missing: string;
}

/** An event that may be there, or come. */
export interface ExpectedEvent {
  readonly kind: 'condition';
  readonly session: SessionId;
  /** As a condition spells it. */
  readonly text: string;
  /** Those that have not finished. */
  readonly unfinished: readonly EventExplanation[];
  /** Who could bring it about; the first few. */
  readonly sources: readonly EventSource[];
  readonly listeners: readonly EventListener[];
  readonly sentences: readonly string[];
}

/** Why things are as they are. All but the sentences is data; these say the same to people, and may change. */
export type Explanation = JobExplanation | InstanceExplanation | EventExplanation | ExpectedEvent;
