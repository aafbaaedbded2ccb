export {
  type Bridge,
  type BridgeEvent,
  type BridgeKind,
  type Daemon,
  DaemonGoneError,
  type DescriptorKeeper,
  type FollowedJob,
  type Report,
} from './bridge.js';
export { type SoughtEvent, soughtEvents } from './condition.js';
export { ConditionError, type ConditionFault } from './condition-error.js';
export { DaemonLink, type DaemonLinkOptions } from './daemon-link.js';
export { fileBridgeWith } from './file-bridge.js';
export { type FileWish, readFileWish } from './file-wish.js';
export { HeldDescriptors } from './held-descriptors.js';
export { BRIDGE_NAMES, type BridgeSettings, findBridge } from './program-table.js';
export { tellReady } from './readiness.js';
export { socketBridge } from './socket-bridge.js';
export { readSocketWish, type SocketWish } from './socket-wish.js';
export { type TimeBridgeOptions, timeBridge, timeBridgeWith } from './time-bridge.js';
export type { TimeAlarm, TimeSource } from './time-source.js';
export { readTimeWish, type TimeClock, type TimeWish } from './time-wish.js';
export { readVariables } from './variables.js';
