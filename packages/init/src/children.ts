import { readdirSync, readFileSync } from 'node:fs';

const TASKS = '/proc/self/task';

const childrenOf = (task: string): number[] => {
  try {
    return readFileSync(`${TASKS}/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    // The thread has ended meanwhile, or this kernel does not say.
    return [];
  }
};

/** The PIDs of this process's children, started or (as a subreaper) inherited. @see proc_pid_task(5) */
export const ownChildren = (): number[] => readdirSync(TASKS).flatMap(childrenOf);
