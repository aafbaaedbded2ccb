import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { KillOptions } from '@maverick/spawner';
import type { ProcessPort } from './ports.js';

export const { SIGCONT, SIGKILL, SIGTERM } = constants.signals;
const { ESRCH } = constants.errno;

/** The system's text for a positive errno. */
const errnoText = (errno: number): string => getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;

/**
 * Send a signal to a process or its group.
 * @returns what went wrong, for the log. A process that is gone already is no fault.
 */
export const signalProcess = (
  processes: ProcessPort,
  pid: number,
  signal: number,
  options: KillOptions,
): string | undefined => {
  const result = processes.kill(pid, signal, options);
  if (result.ok || result.errno === ESRCH) return undefined;
  return `Failed to send signal ${signal} to process ${pid}: ${errnoText(result.errno)}`;
};
