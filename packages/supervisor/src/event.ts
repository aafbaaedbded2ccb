import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type { InstanceRef, JournalKind, LogPriority, Notification, SessionId, SpawnFailure } from '@maverick/engine';
import type { ConfigurationDiagnostic } from './configuration.js';

interface OfProcess {
  readonly instance: InstanceRef;
  readonly role: ProcessRole;
}

/** Something that the supervisor itself has to tell, beside the engine's notifications. */
export type SupervisorNotice =
  /** A configuration file is wrong; the others are loaded. */
  | { readonly kind: 'diagnostic'; readonly session: SessionId; readonly diagnostic: ConfigurationDiagnostic }
  /** `job-stale`: a job keeps its last good definition, because its file is broken now; `job-fresh`: no longer. */
  | {
      readonly kind: 'job-stale' | 'job-fresh';
      readonly session: SessionId;
      readonly job: string;
      readonly path: string;
    }
  /** A job that was there already has another definition now. */
  | { readonly kind: 'job-redefined'; readonly session: SessionId; readonly job: string }
  | (OfProcess & { readonly kind: 'process-started'; readonly pid: number })
  /** A process has stopped before its program (`debug`), and waits for SIGCONT; it goes on. */
  | (OfProcess & { readonly kind: 'process-paused' | 'process-resumed'; readonly pid: number })
  /** What a process says of itself (`STATUS=` of sd_notify(3)). */
  | (OfProcess & { readonly kind: 'process-status'; readonly pid: number; readonly text: string })
  /** `unknown`: it has ended while nobody could see how. */
  | (OfProcess & {
      readonly kind: 'process-ended';
      readonly pid: number;
      readonly status: ExitStatus | { readonly kind: 'unknown' };
    })
  | (OfProcess & { readonly kind: 'spawn-failed'; readonly failure: SpawnFailure })
  /**
   * The processes of a supervisor that died are ours now: how many live, how many have ended meanwhile, and how many had only
   * been asked for and were started now.
   */
  | {
      readonly kind: 'taken-over';
      readonly adopted: number;
      readonly ended: number;
      readonly startedNow: number;
    }
  /** What a session is of, a root directory or a user, is not there any more: the session is closed. */
  | { readonly kind: 'session-gone'; readonly session: SessionId }
  /** A line for the log about the supervisor's own work. */
  | {
      readonly kind: 'message';
      readonly priority: LogPriority;
      readonly message: string;
      /** Whom it is about, where it is about one instance. */
      readonly instance?: InstanceRef;
      /** Of which session it tells, where that is one's own matter. */
      readonly session?: SessionId;
    }
  /** An exception, contained: a listener, an injected port or the supervisor itself is at fault. */
  | { readonly kind: 'fault'; readonly during: string; readonly error: unknown };

/** Everything that a supervisor tells its listeners, in the order in which it happened. */
export type SupervisorEvent = Notification | SupervisorNotice;

/** The events of one kind: those whose `kind` can be `K`, also where several kinds share a shape. */
export type SupervisorEventOf<K extends SupervisorEvent['kind'], E = SupervisorEvent> = E extends {
  readonly kind: infer Kind;
}
  ? K extends Kind
    ? E
    : never
  : never;

/** When something happened, in milliseconds. */
export interface Moment {
  /** On the clock's monotonic scale: for distances. */
  readonly at: number;
  /** Since 1970-01-01 UTC: for people. */
  readonly wall: number;
}

/** Called for each event, synchronously. What it throws is contained and told as a `fault`. */
export type SupervisorListener = (event: SupervisorEvent, moment: Moment) => void;

const NOTICES = {
  diagnostic: true,
  'job-stale': true,
  'job-fresh': true,
  'job-redefined': true,
  'process-started': true,
  'process-paused': true,
  'process-resumed': true,
  'process-status': true,
  'process-ended': true,
  'spawn-failed': true,
  'taken-over': true,
  'session-gone': true,
  message: true,
  fault: true,
} as const satisfies Record<SupervisorNotice['kind'] & JournalKind, true>;

/** Whether an event is the engine's, not the supervisor's own. */
export const isNotification = (event: SupervisorEvent): event is Notification => !Object.hasOwn(NOTICES, event.kind);
