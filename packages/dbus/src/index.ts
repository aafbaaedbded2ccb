export { formatAddress, parseAddress, type SocketAddress, SYSTEM_ADDRESS, sessionAddress } from './address.js';
export { type ConnectOptions, connect } from './client.js';
export { DBusError } from './dbus-error.js';
export type { JobCommand, PeerCredentials, UpstartModel } from './model.js';
export { escapeElement, instancePath, jobPath, unescapeElement } from './object-path.js';
export { createServer, type ServerOptions, type UpstartServer } from './server.js';
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
