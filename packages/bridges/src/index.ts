export {
  type Bridge,
  type BridgeEvent,
  type BridgeKind,
  type Daemon,
  DaemonGoneError,
  type DescriptorKeeper,
  type FollowedJob,
  type Report,
  SettingError,
} from './bridge.js';
export { type SoughtEvent, soughtEvents, type WantedEvents } from './condition.js';
export { ConditionError, type ConditionFault } from './condition-error.js';
export { DaemonLink, type DaemonLinkOptions } from './daemon-link.js';
export { dbusBridgeWith } from './dbus-bridge.js';
export { eventBridgeWith } from './event-bridge.js';
export { fileBridgeWith } from './file-bridge.js';
export { type FileWish, readFileWish } from './file-wish.js';
export { HeldDescriptors } from './held-descriptors.js';
export { localBridgeWith } from './local-bridge.js';
export { Outbox } from './outbox.js';
export { BRIDGE_NAMES, type BridgeSettings, findBridge } from './program-table.js';
export { tellReady } from './readiness.js';
export { socketBridge } from './socket-bridge.js';
export { readSocketWish, type SocketWish } from './socket-wish.js';
export { type TimeBridgeOptions, timeBridge, timeBridgeWith } from './time-bridge.js';
export type { TimeAlarm, TimeSource } from './time-source.js';
export { readTimeWish, type TimeClock, type TimeWish } from './time-wish.js';
export { udevBridgeWith } from './udev-bridge.js';
export { readVariables } from './variables.js';
