import type { Explanation, JournalFilter } from '@maverick/engine';
import type { CallOptions } from './call-options.js';

/** Why something is as it is. */
export interface Explained {
  /** For people, the answer first. */
  readonly sentences: readonly string[];
  /** The same as data. */
  readonly details: Omit<Explanation, 'sentences'>;
}

/** A state that holds: an instance between `started` and `stopping`. */
export interface HoldingState {
  readonly job: string;
  readonly instance: string;
  /** What the job exports, `KEY=VALUE`. */
  readonly env: readonly string[];
}

/** The `while` of a job. */
export interface StateCondition {
  readonly job: string;
  readonly expression: string;
  /** For at least one instance. */
  readonly holds: boolean;
}

/** What the processes of an instance use together. */
export interface InstanceUse {
  readonly job: string;
  readonly instance: string;
  /** Where the numbers come from: the control group, or the processes one by one. */
  readonly source: string;
  readonly pids: readonly number[];
  readonly memoryBytes: bigint;
  readonly cpuMicroseconds: bigint;
}

/** Which starts are to be confirmed. */
export interface ConfirmingInfo {
  /** Whether any are. */
  readonly on: boolean;
  /** Empty: of all jobs. */
  readonly jobs: readonly string[];
  /** Jobs of which no more is asked. */
  readonly always: readonly string[];
  /** How long each waits at most; 0: for ever. */
  readonly timeoutMs: number;
}

/** A start that waits to be confirmed. */
export interface HeldStartInfo {
  readonly job: string;
  readonly instance: string;
  /** Why it is to start, for people. */
  readonly reason: readonly string[];
  /** Until it is taken as confirmed; 0: for ever. */
  readonly remainingMs: number;
}

/** Which lines of the journal: those that fit all that is given. */
export interface JournalQuery extends JournalFilter {
  /** How many of the newest. Default 100, at most 10 000. */
  readonly lines?: number;
}

/** A set of jobs with a root directory, a user, or neither. */
export interface SessionInfo {
  readonly id: string;
  /** `system`, `chroot`, `user`. */
  readonly kind: string;
  readonly root?: string;
  readonly uid?: number;
  /** How many jobs it has. */
  readonly jobs: number;
  /** It was told to close, and some of its jobs are not down yet. */
  readonly closing: boolean;
  /** The caller is in it. */
  readonly own: boolean;
}

/** Whose session is to be opened: exactly one of `root`, `uid` and `user`. */
export interface SessionOptions {
  readonly root?: string;
  readonly uid?: number;
  readonly user?: string;
  /** Emitted in the session if it was opened by this. Default: nothing, and only what is asked for starts. */
  readonly startupEvent?: string;
}

/**
 * What the original lacks. Another daemon than this one rejects with `org.freedesktop.DBus.Error.UnknownMethod`; one
 * without the part with `…NotSupported`.
 */
export interface Init1Client {
  /** The version of the daemon's own D-Bus surface; `version` of the client is always that of Upstart. */
  version(options?: CallOptions): Promise<string>;
  /** Events that bridges inside the daemon emit, or patterns of their names. */
  bridgeEvents(options?: CallOptions): Promise<readonly string[]>;
  /** Why a job, or one of its instances, is as it is. */
  explain(job: string, instance?: string, options?: CallOptions): Promise<Explained>;
  /** What an event that has not finished waits for. Events are counted from 1. */
  explainEvent(event: number, options?: CallOptions): Promise<Explained>;
  /** Who could bring an event about, and what would come of it: `['started', 'JOB=db']`. */
  explainCondition(condition: readonly string[], options?: CallOptions): Promise<Explained>;
  /** Play what would happen to the jobs as they are defined now. Request and outcome are JSON data. */
  simulate(request: unknown, options?: CallOptions): Promise<unknown>;
  /** Have starts confirmed, those of some jobs or (none given) all; `timeoutMs` 0: for ever. Or no longer. */
  confirmStarts(on: boolean, jobs?: readonly string[], timeoutMs?: number, options?: CallOptions): Promise<void>;
  /** Whether starts are to be confirmed, and which. */
  confirming(options?: CallOptions): Promise<ConfirmingInfo>;
  /** Rejects with `com.ubuntu.Upstart0_6.Error.UnknownInstance` where no such start waits. */
  answerStart(
    job: string,
    instance: string,
    answer: 'yes' | 'no' | 'always' | 'quit',
    options?: CallOptions,
  ): Promise<void>;
  heldStarts(options?: CallOptions): Promise<HeldStartInfo[]>;
  /** The states that hold, and the conditions that ask for them. */
  states(
    options?: CallOptions,
  ): Promise<{ readonly holding: readonly HoldingState[]; readonly conditions: readonly StateCondition[] }>;
  /** What all instances use, or those of a job, or one of them. */
  usage(job?: string, instance?: string, options?: CallOptions): Promise<InstanceUse[]>;
  /** The newest lines of the journal that fit, the oldest first: JSON texts. */
  journal(query?: JournalQuery, options?: CallOptions): Promise<string[]>;
  /** The same, and then every line that comes, until the loop is left or the connection ends. */
  followJournal(query?: JournalQuery, options?: CallOptions): AsyncIterableIterator<string>;
  /**
   * Where the journal's files are, once all that has happened is in them.
   * @returns undefined: that is not for who is in a session of their own
   * @throws NoJournalError the daemon keeps none
   */
  journalPlace(options?: CallOptions): Promise<string | undefined>;
  /** Those that the caller may at least look at, the system's first. */
  sessions(options?: CallOptions): Promise<SessionInfo[]>;
  /**
   * One that is open already stays as it is. Rejects with `org.maverick.Init1.Error.` and `NoRoot`, `UnsafeRoot`, `UnknownUser`,
   * `SessionsOff`.
   * @returns the id of the session
   */
  openSession(session: SessionOptions, options?: CallOptions): Promise<string>;
  /** Resolves when all its jobs are down. Rejects with `org.maverick.Init1.Error.UnknownSession`. */
  closeSession(id: string, options?: CallOptions): Promise<void>;
  /**
   * Have the daemon hold no file open, so that file systems can be unmounted or mounted read-only. What jobs write meanwhile
   * waits where they write it.
   * @param journalDir where the journal goes on. Absent: it stops
   * @returns what still hinders it, a sentence each
   */
  releaseFiles(journalDir?: string, options?: CallOptions): Promise<string[]>;
  resumeFiles(options?: CallOptions): Promise<void>;
}
