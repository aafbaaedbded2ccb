export { FdWatch, type Interest, type Readiness, watchFd } from './fd-watch.js';
export type { ChildEvent, ConsoleSpec, LimitSpec, ProcessSpec, SpawnError, SpawnResult } from './process-spec.js';
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
export { errnoMessage, SystemError } from './system-error.js';
