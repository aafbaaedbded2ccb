export { Allowance, type Rate } from './allowance.js';
export { type CgroupFiles, kernelCgroups } from './cgroup-files.js';
export { CgroupError } from './cgroup-table.js';
export type { CgroupDelegation, CgroupOptions } from './cgroups.js';
export { type Clock, systemClock } from './clock.js';
export type {
  ConfigurationDiagnostic,
  ConfigurationReading,
  ConfiguredJob,
  ReadConfiguration,
} from './configuration.js';
export { readConfigurationFiles } from './configuration-files.js';
export { type CgroupFacts, delegatedCgroups } from './delegated-cgroups.js';

export { jobEnvironment } from './environment.js';
export { SupervisorError, type SupervisorErrorCode } from './errors.js';
export {
  isNotification,
  type Moment,
  type SupervisorEvent,
  type SupervisorEventOf,
  type SupervisorListener,
  type SupervisorNotice,
} from './event.js';
export { type FileJournal, openJournal } from './file-journal.js';
export { descriptorsOf, type HandedOver, HandOverError } from './handed-over.js';
export { makeInside } from './inside-files.js';
export { type JournalEntry, type JournalSink, lineEntry } from './journal.js';
export type { JournalBounds } from './journal-files.js';
export { sessionOfEntry } from './journal-shares.js';
export { makeDirectory } from './make-directory.js';
export type { SessionOptions, SupervisorOptions, UserSessionOptions } from './options.js';
export { type OpenProcessPort, openSpawner, type ProcessListener, type ProcessPort } from './ports.js';
export { type ProcessStat, type ProcessTree, procTree } from './process-tree.js';
export type { EmitOptions, EnvironmentRequest, JobCommandOptions, SupervisorRequest } from './request.js';
export type { Answer, AnswerCallback } from './requests.js';
export type { SessionCaller } from './session-contact.js';
export { type SessionKind, type SessionSpec, specOfSession } from './session-id.js';
export type { SessionErrorCode } from './session-plan.js';
export type { SessionScope } from './session-scope.js';
export type { SessionClosedCallback, SessionInfo, SessionResult } from './sessions.js';
export type { SupervisedInstance, SupervisedProcess } from './supervised-instance.js';
export { Supervisor } from './supervisor.js';
export type { ProcessUsage, Usage } from './usage.js';
export type { UserLimits } from './user-session.js';
export type { FileWatch, OpenFileWatch } from './watch-table.js';
