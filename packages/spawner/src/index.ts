export type { ChildEvent, ConsoleSpec, LimitSpec, ProcessSpec, SpawnError, SpawnResult } from './process-spec.js';
