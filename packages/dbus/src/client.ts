/**
 * The client alone, as `@maverick/dbus/client`: loads neither the server nor the configuration language, for programs
 * that must start quickly.
 */
export { formatAddress, parseAddress, type SocketAddress, SYSTEM_ADDRESS, sessionAddress } from './address.js';
export { type ConnectOptions, connect } from './connect.js';
export { DBusError } from './dbus-error.js';
export { escapeElement, instancePath, jobPath, unescapeElement } from './object-path.js';
export type {
  EnvironmentTarget,
  InstanceStatus,
  JobProperties,
  ListedJob,
  RemoteInstance,
  RemoteJob,
  RemoteProcess,
  UpstartClient,
  UpstartEvent,
  WaitOption,
} from './upstart-client.js';
export type { Value, Variant } from './value.js';
