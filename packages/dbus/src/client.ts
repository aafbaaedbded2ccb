/**
 * The client alone, as `@maverick/dbus/client`: loads neither the server nor the configuration language, for programs
 * that must start quickly.
 */
export {
  CHROOT_SOCKET,
  formatAddress,
  parseAddress,
  type SocketAddress,
  SYSTEM_ADDRESS,
  sessionAddress,
} from './address.js';
export { type BusCall, type BusClient, type BusSignal, connectBus } from './bus-client.js';
export {
  AccessDeniedError,
  AlreadyStartedError,
  AlreadyStoppedError,
  CGroupManagerNotAvailableError,
  DeadlockError,
  DisconnectedError,
  EventFailedError,
  FailedError,
  InvalidArgsError,
  JobFailedError,
  LimitsExceededError,
  NoJournalError,
  NoRootError,
  NoSessionError,
  NotRunningError,
  NotSupportedError,
  PermissionDeniedError,
  SessionsOffError,
  UnknownInstanceError,
  UnknownJobError,
  UnknownJobInstanceError,
  UnknownMethodError,
  UnknownSessionError,
  UnknownUserError,
  UnsafeRootError,
} from './call-errors.js';
export type { CallOptions } from './call-options.js';
export { type ConnectOptions, connect } from './connect.js';
export { BUS_NAME, type BusTarget, type ConnectTarget } from './connect-target.js';
export { DBusError } from './dbus-error.js';
export type {
  ConfirmingInfo,
  Explained,
  HeldStartInfo,
  HoldingState,
  Init1Client,
  InstanceUse,
  JournalQuery,
  SessionInfo,
  SessionOptions,
  StateCondition,
} from './init1-client.js';
export { isWellKnownName } from './names.js';
export {
  escapeElement,
  instancePath,
  jobPath,
  SYSTEM_SESSION,
  sessionOfPath,
  sessionPath,
  unescapeElement,
} from './object-path.js';
export { readServiceFiles, type ServiceFile, serviceDirectories } from './service-files.js';
export type {
  EnvironmentTarget,
  EventOptions,
  InstanceStatus,
  JobHandle,
  JobProperties,
  ListedDefinition,
  ListedJob,
  RemoteInstance,
  RemoteJob,
  RemoteProcess,
  SetEnvOptions,
  UpstartClient,
  UpstartEvent,
  WaitOption,
} from './upstart-client.js';
export type { Value, Variant } from './value.js';
