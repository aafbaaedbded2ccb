import type { JobDefinition } from '@maverick/conf';
import { type Condition, compileCondition } from './event-operator.js';
import { compileStates, type StateCondition } from './state-expression.js';

/** A job's definition, made ready for use. One object for each `define-job`. */
export interface Definition {
  readonly conf: JobDefinition;
  readonly startOn?: Condition;
  readonly stopOn?: Condition;
  readonly while?: StateCondition;
  /** The variables that name an instance; empty where there is only one. */
  readonly instanceVariables: readonly string[];
  /** Its `while` would close a cycle, so it never holds (rule S11). */
  cyclic: boolean;
}

const VARIABLE = /\$\{?([A-Za-z_][A-Za-z0-9_]*)/g;

export const compileDefinition = (conf: JobDefinition): Definition => ({
  conf,
  ...(conf.startOn ? { startOn: compileCondition(conf.startOn) } : {}),
  ...(conf.stopOn ? { stopOn: compileCondition(conf.stopOn) } : {}),
  ...(conf.while ? { while: compileStates(conf.while) } : {}),
  instanceVariables: [...conf.instance.matchAll(VARIABLE)].flatMap(([, name]) => name ?? []),
  cyclic: false,
});

/** A task that has something to finish. Without a main process it counts as a service (rule W8). */
export const isFinishingTask = ({ conf }: Definition): boolean => conf.task && conf.processes.main !== undefined;

/** How many forks of the main process mean that it is ready. */
export const FORKS_EXPECTED = { fork: 1, daemon: 2 } as const;
