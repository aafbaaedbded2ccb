import { constants, openSync } from 'node:fs';

/** A positive errno of what a function of `node:fs` threw; anything else is thrown on. */
export const errnoOf = (error: unknown): number => {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return -error.errno;
  throw error;
};

/** `cgroup.procs` of a cgroup v2 directory, opened for a process that is to enter; or a negative errno. */
export const openProcs = (cgroup: string): number => {
  try {
    return openSync(`${cgroup}/cgroup.procs`, constants.O_WRONLY);
  } catch (error) {
    return -errnoOf(error);
  }
};
