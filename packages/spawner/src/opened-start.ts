import { constants } from 'node:os';
import { type ConsoleOutput, openOutput } from './console-output.js';
import { Descriptors } from './descriptors.js';
import { resolveIdentity } from './identity.js';
import type { Prepared } from './plan.js';
import { prepare } from './prepare.js';
import type { ProcessLogs } from './process-logs.js';
import type { ProcessSpec, SpawnResult } from './process-spec.js';

/** A process to be started, with everything open that it needs. */
export interface OpenedStart {
  readonly spec: ProcessSpec;
  readonly output: ConsoleOutput;
  readonly prepared: Prepared;
  readonly descriptors: Descriptors;
  /** To be called when it has been started, or has failed: what is nobody else's is closed. */
  readonly done: () => void;
}

/** Open what a process needs, its log among it. @returns the failure where that can't be had */
export const openStart = (
  spec: ProcessSpec,
  logs: ProcessLogs,
): OpenedStart | Extract<SpawnResult, { readonly ok: false }> => {
  const identity = resolveIdentity(spec);
  const console = openOutput(spec.console, identity.ok ? identity.identity.uid : undefined);
  if (!console.ok) return console;
  const { output, warning } = console;
  const descriptors = new Descriptors();
  descriptors.keep(...output.opened, ...(output.log?.sources ?? []));
  const done = (): void => {
    descriptors.close();
    logs.warnOfConsole(spec, warning);
  };
  try {
    const prepared = prepare(spec, output, identity, descriptors);
    const logError = logs.prepare(output);
    if (logError === undefined) return { spec, output, prepared, descriptors, done };
    done();
    return { ok: false, error: logError };
  } catch (error) {
    descriptors.close();
    throw error;
  }
};

/** Whether a start is a matter of one thread: a process that stops on its way, or that is traced from its beginning. */
export const isAlone = ({ pause, follow }: ProcessSpec): boolean => pause === true || follow !== undefined;

/** What a call returns or throws. */
export const settled = <T>(call: () => T): PromiseSettledResult<T> => {
  try {
    return { status: 'fulfilled', value: call() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
};

/** Start what has been opened. */
export const finish = <T>({ done }: OpenedStart, start: () => T): T => {
  try {
    return start();
  } finally {
    done();
  }
};

/** Descriptors may be there again when others have done with theirs. */
export const hasRunOut = (result: PromiseSettledResult<SpawnResult>): boolean =>
  result.status === 'fulfilled' && !result.value.ok && result.value.error.errno === constants.errno.EMFILE;
