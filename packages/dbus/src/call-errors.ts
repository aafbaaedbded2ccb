import { DBusError } from './dbus-error.js';
import { ERROR_NAMES, type ErrorCode } from './error-names.js';

/** There is no job of this name, or none that the caller may see. */
export class UnknownJobError extends DBusError {}
/** The job has no such instance: it is not running. */
export class UnknownInstanceError extends DBusError {}
/** The job whose environment was asked for has no such instance. */
export class UnknownJobInstanceError extends DBusError {}
/** Start of what is started. */
export class AlreadyStartedError extends DBusError {}
/** Stop or restart of what is on its way down. */
export class AlreadyStoppedError extends DBusError {}
/** Reload of an instance without a main process. */
export class NotRunningError extends DBusError {}
/** The job did not reach what the command asked for. */
export class JobFailedError extends DBusError {}
/** A job that the event started or stopped failed. */
export class EventFailedError extends DBusError {}
/** The daemon refused the caller. */
export class PermissionDeniedError extends DBusError {}
/** The job waits for a manager of control groups. Only the original says so. */
export class CGroupManagerNotAvailableError extends DBusError {}
/** An argument is not what the member takes; an instance name can't be made from the environment. */
export class InvalidArgsError extends DBusError {}
/** What was asked for would wait for itself. Only this daemon says so. */
export class DeadlockError extends DBusError {}
/** The caller is in no session: its root directory has none, or can't be told. Only this daemon has sessions of others than the system. */
export class NoSessionError extends DBusError {}
/** There is no session of this id. */
export class UnknownSessionError extends DBusError {}
/** The root directory of a session is no directory. */
export class NoRootError extends DBusError {}
/** Others than root could put jobs into a root directory. */
export class UnsafeRootError extends DBusError {}
/** The system knows no such user. */
export class UnknownUserError extends DBusError {}
/** The daemon was not told to have sessions of users. */
export class SessionsOffError extends DBusError {}
/** The daemon keeps no journal. */
export class NoJournalError extends DBusError {}
/** The object, the interface, the method or the property is not there: the job or instance has gone, or the daemon is older. */
export class UnknownMethodError extends DBusError {}
/** The property can only be read, or the bus does not let the call through. */
export class AccessDeniedError extends DBusError {}
/** This daemon has no such part. */
export class NotSupportedError extends DBusError {}
/** Anything that has no name of its own. */
export class FailedError extends DBusError {}
/** This client has as much of it as one may have. */
export class LimitsExceededError extends DBusError {}
/** The connection has ended. */
export class DisconnectedError extends DBusError {}

type ErrorClass = typeof DBusError;

const CLASSES = {
  UnknownJob: UnknownJobError,
  UnknownInstance: UnknownInstanceError,
  UnknownJobInstance: UnknownJobInstanceError,
  AlreadyStarted: AlreadyStartedError,
  AlreadyStopped: AlreadyStoppedError,
  NotRunning: NotRunningError,
  JobFailed: JobFailedError,
  EventFailed: EventFailedError,
  PermissionDenied: PermissionDeniedError,
  CGroupManagerNotAvailable: CGroupManagerNotAvailableError,
  InvalidArgs: InvalidArgsError,
  Deadlock: DeadlockError,
  NoSession: NoSessionError,
  UnknownSession: UnknownSessionError,
  NoRoot: NoRootError,
  UnsafeRoot: UnsafeRootError,
  UnknownUser: UnknownUserError,
  SessionsOff: SessionsOffError,
  NoJournal: NoJournalError,
  UnknownMethod: UnknownMethodError,
  AccessDenied: AccessDeniedError,
  NotSupported: NotSupportedError,
  Failed: FailedError,
  LimitsExceeded: LimitsExceededError,
  Disconnected: DisconnectedError,
} as const satisfies Record<ErrorCode, ErrorClass>;

const BY_NAME: ReadonlyMap<string, ErrorClass> = new Map(
  (Object.keys(CLASSES) as ErrorCode[]).map((code) => [ERROR_NAMES[code], CLASSES[code]]),
);

/** The error that an error name stands for: of the class of that name, or a plain {@link DBusError}. */
export const callError = (name: string, message: string, options?: ErrorOptions): DBusError =>
  new (BY_NAME.get(name) ?? DBusError)(name, message, options);

/** What a call comes to whose connection ends, or has ended. */
export const disconnected = (cause?: Error): DBusError =>
  callError(
    ERROR_NAMES.Disconnected,
    cause ? `The connection has ended: ${cause.message}` : 'The connection has ended',
    { cause },
  );
