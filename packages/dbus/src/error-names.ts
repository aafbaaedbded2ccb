import type { Reply, ReplyErrorCode } from '@maverick/engine';
import { DBusError } from './dbus-error.js';

const STANDARD = 'org.freedesktop.DBus.Error';
const UPSTART = 'com.ubuntu.Upstart0_6.Error';
const INIT1 = 'org.maverick.Init1.Error';

/** The name on the bus of everything that a call can fail with. */
export const ERROR_NAMES = {
  UnknownJob: `${UPSTART}.UnknownJob`,
  UnknownInstance: `${UPSTART}.UnknownInstance`,
  UnknownJobInstance: `${UPSTART}.UnknownJobInstance`,
  AlreadyStarted: `${UPSTART}.AlreadyStarted`,
  AlreadyStopped: `${UPSTART}.AlreadyStopped`,
  NotRunning: `${UPSTART}.NotRunning`,
  JobFailed: `${UPSTART}.JobFailed`,
  EventFailed: `${UPSTART}.EventFailed`,
  PermissionDenied: `${UPSTART}.PermissionDenied`,
  /** Only the original says so: control groups are the own work of this daemon. */
  CGroupManagerNotAvailable: `${UPSTART}.CGroupManagerNotAvailable`,
  InvalidArgs: `${STANDARD}.InvalidArgs`,
  Deadlock: `${INIT1}.Deadlock`,
  NoSession: `${INIT1}.NoSession`,
  UnknownSession: `${INIT1}.UnknownSession`,
  NoRoot: `${INIT1}.NoRoot`,
  UnsafeRoot: `${INIT1}.UnsafeRoot`,
  UnknownUser: `${INIT1}.UnknownUser`,
  SessionsOff: `${INIT1}.SessionsOff`,
  NoJournal: `${INIT1}.NoJournal`,
  /** Also for a missing object, interface and property: clients take exactly this name to mean "gone". */
  UnknownMethod: `${STANDARD}.UnknownMethod`,
  /** A property that can only be read. */
  AccessDenied: `${STANDARD}.AccessDenied`,
  NotSupported: `${STANDARD}.NotSupported`,
  Failed: `${STANDARD}.Failed`,
  LimitsExceeded: `${STANDARD}.LimitsExceeded`,
  Disconnected: `${STANDARD}.Disconnected`,
} as const satisfies Record<ReplyErrorCode, string> & Record<string, string>;

export type ErrorCode = keyof typeof ERROR_NAMES;

/** The error for a code. */
export const dbusError = (code: ErrorCode, message: string): DBusError => new DBusError(ERROR_NAMES[code], message);

/** The error that a refused request is on the bus. */
export const replyError = ({ code, message }: Extract<Reply, { ok: false }>): DBusError => dbusError(code, message);
