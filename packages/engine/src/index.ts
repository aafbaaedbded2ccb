export type { Action, Cause, Effect, LogPriority, Notification, Reply, ReplyErrorCode, WaitNode } from './effect.js';
export { Engine, type EngineOptions, type Semantics } from './engine.js';
export {
  type Caller,
  type Input,
  type InstanceRef,
  type ProcessId,
  type RequestId,
  type SessionId,
  type SpawnFailure,
  SYSTEM,
  type TimerId,
} from './input.js';
export { GOALS, type Goal, JOB_STATES, type JobState } from './job-state.js';
export { type EngineSnapshot, SnapshotError } from './snapshot.js';
export type { InstanceView, JobView, ProcessView } from './view.js';
