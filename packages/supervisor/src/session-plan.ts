import type { ConfLocation, JobDefinition } from '@maverick/conf';
import type { ConfFileAccess } from '@maverick/conf/files';
import type { SessionId, SessionLimits } from '@maverick/engine';
import type { Rate } from './allowance.js';
import type { JobRefusal } from './live-configuration.js';
import type { ProcessDefaults } from './process-spec.js';
import type { SessionKind } from './session-id.js';

/** Everything that makes a session other than the system's what it is. */
export interface SessionPlan {
  readonly id: SessionId;
  readonly kind: Exclude<SessionKind, 'system'>;
  /** The root directory of a chroot's. */
  readonly root?: string;
  /** Whose it is: of a user's. */
  readonly uid?: number;
  /** The job environment table at the start, `KEY=VALUE`. */
  readonly env: readonly string[];
  /** Highest priority first; as this process sees them. */
  readonly confDirs: readonly ConfLocation[];
  readonly access: ConfFileAccess;
  /** What is added to what job files say. */
  readonly defaults: ProcessDefaults;
  /** Why the session may not have a job of this definition; undefined where it may. */
  readonly refusal?: (definition: JobDefinition) => JobRefusal | undefined;
  /** How much it may have. Absent: as much as there is. */
  readonly limits?: SessionLimits;
  /** How often it may ask for something. Absent: as often as it likes. */
  readonly requests?: Rate;
  /** What the session is of is still there. */
  readonly isThere: () => boolean;
}

/** A session as its id tells it, or why there can't be one. */
export type PlannedSession =
  | { readonly ok: true; readonly plan: SessionPlan }
  | { readonly ok: false; readonly code: SessionErrorCode; readonly message: string };

/**
 * Why there is no session. `NoRoot`: no such directory; `UnsafeRoot`: others than root could put jobs there; `UnknownUser`;
 * `SessionsOff`: the daemon was not told to have such sessions; `UnknownSession`; `NoSession`: a caller who has none; `LimitsExceeded`: there are
 * as many as may come to be by calls.
 */
export type SessionErrorCode =
  | 'NoRoot'
  | 'UnsafeRoot'
  | 'UnknownUser'
  | 'SessionsOff'
  | 'UnknownSession'
  | 'NoSession'
  | 'LimitsExceeded';
