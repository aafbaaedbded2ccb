export {
  type EnvLookup,
  type ExpandError,
  type ExpandOptions,
  type Expansion,
  expand,
  lookupIn,
} from './expand.js';
export { matchGlob } from './glob.js';
export {
  type CgroupController,
  type CgroupName,
  type Console,
  defineJob,
  type EventOperator,
  type ExitStatus,
  type Expect,
  JOB_DEFAULTS,
  type JobConf,
  type JobDefinition,
  LIMIT_RESOURCES,
  type Limit,
  type LimitResource,
  type LimitValue,
  PROCESS_ROLES,
  type ProcessDefinition,
  type ProcessRole,
  type RespawnLimit,
  type StateExpression,
} from './job-conf.js';
export { MAX_SIGNAL, SIGNALS, type SignalName, signalName, signalNumber } from './signals.js';
