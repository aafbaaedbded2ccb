import { ERROR_NAMES, type ErrorCode } from './error-names.js';

const NOTES: { readonly [C in ErrorCode]: string } = {
  UnknownJob: 'there is no job of this name',
  UnknownInstance: 'the job has no such instance: it does not run',
  UnknownJobInstance: 'the same, where an environment table was asked for',
  AlreadyStarted: 'a start of what is started',
  AlreadyStopped: 'a stop or restart of what is on its way down',
  NotRunning: 'a reload of an instance without a main process',
  JobFailed: 'the job did not get where it should',
  EventFailed: 'a job that the event started or stopped failed',
  PermissionDenied: 'not for this caller',
  CGroupManagerNotAvailable: 'the job waits for a manager of control groups: only the original says so',
  InvalidArgs: 'the arguments are not what the member takes; no instance name can be made of the environment',
  Deadlock: 'what was asked for would wait for itself; the text has the chain',
  NoSession: 'the caller is in no session: its root directory has none, or can not be told',
  UnknownSession: 'there is no session of this id',
  NoRoot: 'the root directory of a session is no directory',
  UnsafeRoot: 'others than root could put jobs there',
  UnknownUser: 'the system knows no such user',
  SessionsOff: 'the daemon was not told to have sessions of users',
  NoJournal: 'the daemon keeps no journal',
  UnknownMethod: 'no such object, interface, method or property: the job or instance has gone, or the daemon is older',
  AccessDenied: 'a property that can only be read; a call that the policy of the bus refuses',
  NotSupported: 'this daemon has no such part',
  LimitsExceeded: 'this client has as much of it as one may have',
  Failed: 'anything without a name of its own',
  Disconnected: "the connection has ended (the client's own error)",
};

/** Every error that a call can fail with, and what it means. */
export const ERRORS: readonly { readonly name: string; readonly note: string }[] = (
  Object.keys(ERROR_NAMES) as ErrorCode[]
).map((code) => ({ name: ERROR_NAMES[code], note: NOTES[code] }));
