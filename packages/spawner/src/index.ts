export { FdWatch, type Interest, type Readiness, type WatchOptions, watchFd } from './fd-watch.js';
export type { StartOptions } from './helper-start.js';
export {
  type FileChange,
  type Inotify,
  type InotifyEvent,
  type InotifyOptions,
  type InotifyTarget,
  watchInotify,
} from './inotify.js';
export { LIMIT_NAMES } from './limits.js';
export {
  type Accepted,
  acceptSocket,
  connectSocket,
  type ListenSpec,
  listenSocket,
  type SocketOptions,
  type SocketType,
} from './listen.js';
export { exec, processStartTime, setSubreaper } from './own-process.js';
export { scriptFd } from './passed-fds.js';
export type {
  ChildEvent,
  ConsoleSpec,
  LimitSpec,
  ListenFd,
  ProcessSpec,
  ReadyFd,
  SpawnError,
  SpawnResult,
  StdioSpec,
} from './process-spec.js';
export { formatAddress, peerAddress, type SocketAddress, socketAddress } from './socket-address.js';
export {
  acceptUnix,
  closeFd,
  connectUnix,
  listenUnix,
  type PeerCredentials,
  peerCredentials,
  type Received,
  receiveUnix,
  sendUnix,
} from './sockets.js';
export type { SpawnWarning } from './spawn-warning.js';
export { type KillOptions, type KillResult, Spawner, type SpawnerOptions } from './spawner.js';
export { STEP_MESSAGES, type Step } from './steps.js';
export { errnoMessage, SystemError } from './system-error.js';
