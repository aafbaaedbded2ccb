export type { Bridge, BridgeEvent, BridgeKind, Daemon, FollowedJob, Report } from './bridge.js';
export { type SoughtEvent, soughtEvents } from './condition.js';
export { ConditionError, type ConditionFault } from './condition-error.js';
export { DaemonLink, type DaemonLinkOptions } from './daemon-link.js';
export { tellReady } from './readiness.js';
export { socketBridge } from './socket-bridge.js';
export { readSocketWish, type SocketWish } from './socket-wish.js';
export { readVariables } from './variables.js';
