export type { Capability } from './capability.js';
export {
  type CgroupProcess,
  cgroupProcesses,
  createCgroup,
  isPopulated,
  killCgroup,
  removeCgroup,
} from './cgroup.js';
export { type CgroupWatch, watchCgroup } from './cgroup-watch.js';
export type { AdoptResult } from './child-watcher.js';
export { type Clock, clockNow, type KernelTimer, kernelTimer, type TimerNews } from './clock.js';
export type { DeviceEvent } from './device-message.js';
export { type DeviceSource, type DeviceWatch, type DeviceWatchOptions, watchDevices } from './devices.js';
export { FdWatch, type Interest, type Readiness, type WatchOptions, watchFd } from './fd-watch.js';
export { lockFile } from './file-lock.js';
export { withFileRights } from './file-rights.js';
export type { FollowSpec, ForkExpectation, TrackEvent } from './follow.js';
export type { TrackerChoice } from './followers.js';
export type { StartOptions } from './helper-start.js';
export { findKnownGroup, findKnownUser, type KnownUser } from './identity.js';
export {
  type FileChange,
  type Inotify,
  type InotifyEvent,
  type InotifyOptions,
  type InotifyTarget,
  watchInotify,
} from './inotify.js';
export { openInside } from './inside.js';
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
export { isLogProcess } from './log-process.js';
export { type MountFlag, type MountSpec, makeNode, mount, type NodeSpec, unmount } from './mount.js';
export { type MountWatch, watchMounts } from './mount-watch.js';
export type { NotifyMessage } from './notify-message.js';
export { type NotifyRefusal, type NotifySender, NotifySocket, type NotifySocketOptions } from './notify-socket.js';
export type { LogOptions } from './output-log.js';
export {
  closeOnExec,
  type ExecOptions,
  exec,
  memoryFile,
  processStartTime,
  setSubreaper,
  trimMemory,
} from './own-process.js';
export { scriptFd } from './passed-fds.js';
export { type Reboot, reboot, setCtrlAltDel, syncFilesystems } from './power.js';
export { type ProcessPin, pinPeer, pinProcess, rootDirectoryOf } from './process-root.js';
export type {
  ChildEvent,
  ConsoleSpec,
  LimitSpec,
  ListenFd,
  LogConsole,
  ProcessSpec,
  ReadyFd,
  SpawnError,
  SpawnResult,
  StdioSpec,
} from './process-spec.js';
export { ReadyPipe, type ReadyPipeEvent } from './ready-pipe.js';
export { type SignalWatch, watchSignal } from './signal-watch.js';
export { formatAddress, peerAddress, type SocketAddress, socketAddress } from './socket-address.js';
export {
  acceptUnix,
  closeFd,
  connectUnix,
  duplicate,
  listenUnix,
  type PeerCredentials,
  peerCredentials,
  type Received,
  receiveUnix,
  sendUnix,
  setBlocking,
} from './sockets.js';
export type { SpawnWarning } from './spawn-warning.js';
export { type KillOptions, type KillResult, Spawner, type SpawnerOptions } from './spawner.js';
export { STEP_MESSAGES, type Step } from './steps.js';
export { errnoMessage, SystemError } from './system-error.js';
export {
  leaveTerminal,
  newSession,
  openTerminal,
  redirectFd,
  requestKeyboardSignal,
  resetTerminal,
  takeTerminal,
} from './terminal.js';
export type { TrackerWay } from './tracker.js';
export { appendWtmp, endUtmpProcess, readUtmp, UTMP_FILE, type UtmpFiles, WTMP_FILE, writeUtmp } from './utmp.js';
export type { UtmpRecord, UtmpType } from './utmp-record.js';
