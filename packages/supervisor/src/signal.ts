import { constants } from 'node:os';
import type { ProcessPort } from './ports.js';

export const { SIGCONT, SIGKILL, SIGTERM } = constants.signals;

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/**
 * Send a signal to a process or its group.
 * @returns what went wrong, for the log. A process that is gone already is no fault.
 */
export const signalProcess = (
  processes: ProcessPort,
  pid: number,
  signal: number,
  group: boolean,
): string | undefined => {
  try {
    processes.kill(pid, signal, { group });
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return undefined;
    return `Failed to send signal ${signal} to process ${pid}: ${error instanceof Error ? error.message : String(error)}`;
  }
};
