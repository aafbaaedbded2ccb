export type { Action, Cause, Effect, LogPriority, Notification, Reply, ReplyErrorCode, WaitNode } from './effect.js';
export { Engine, type EngineOptions, type Semantics } from './engine.js';
export type {
  Awaits,
  ConditionExplanation,
  EventExplanation,
  EventListener,
  EventSource,
  ExpectedEvent,
  ExpectingJob,
  ExplainSubject,
  Explanation,
  HeldHook,
  HoldingCondition,
  InstanceExplanation,
  JobExplanation,
  OperandExplanation,
  WhileExplanation,
} from './explanation.js';
export { type Exploration, type ExploreOptions, explore, type Finding } from './explore.js';
export type { FakeCall, FakeProcess, FakeProcesses } from './fake-process.js';
export {
  type AdoptedInstance,
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
export { displayName, ofSession } from './instance.js';
export type { Confirming } from './job-class.js';
export {
  COURSES,
  type Course,
  GOALS,
  type Goal,
  JOB_STATES,
  type JobState,
  type StateRow,
  TRANSITIONS,
} from './job-state.js';
export {
  fitsFilter,
  inputOf,
  type JournalFilter,
  type JournalKind,
  type JournalLine,
  jobOf,
  journalFileName,
} from './journal.js';
export { type Move, moveInWords } from './moves.js';
export type { Reason } from './origin.js';
export { type Recording, type Replayed, replay } from './replay.js';
export type { SessionLimits } from './session-limits.js';
export { type SimulateOptions, simulate, simulationOf } from './simulate.js';
export type { SimulatedEvent, SimulatedInput, Simulation, UntimedInput } from './simulation.js';
export { Simulator, type SimulatorOptions } from './simulator.js';
export { type EngineSnapshot, SnapshotError } from './snapshot.js';
export type { InstanceView, JobView, ProcessView } from './view.js';
