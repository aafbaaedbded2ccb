export {
  type ConnectOptions,
  connect,
  DBusError,
  type EnvironmentTarget,
  escapeElement,
  formatAddress,
  type InstanceStatus,
  instancePath,
  type JobProperties,
  jobPath,
  type ListedJob,
  parseAddress,
  type RemoteInstance,
  type RemoteJob,
  type RemoteProcess,
  type SocketAddress,
  SYSTEM_ADDRESS,
  sessionAddress,
  type UpstartClient,
  type UpstartEvent,
  unescapeElement,
  type Value,
  type Variant,
  type WaitOption,
} from './client.js';
export type { ConnectionLimits } from './limits.js';
export type { EnvironmentModel, JobCommand, OptionalModel, PeerCredentials, UpstartModel } from './model.js';
export { createServer, type ServerOptions, type UpstartServer } from './server.js';
