import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { type CgroupProcess, cgroupProcesses, createCgroup, killCgroup, removeCgroup } from '@maverick/spawner';

/** What is done to groups: the kernel's, or a folder that only looks like them. Paths are absolute. */
export interface CgroupFiles {
  /** Make a group and those above it that are missing. */
  create(path: string): void;
  /** Write a file of a group that exists. */
  write(path: string, text: string): void;
  /** Undefined where there is no such file. */
  read(path: string): string | undefined;
  /** Of a group and those below it. */
  processes(path: string): readonly CgroupProcess[];
  /** SIGKILL to all of them, which no fork escapes. */
  kill(path: string): void;
  /** Remove a group without processes, and those below it. */
  remove(path: string): void;
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone, as groups and processes go.
    return undefined;
  }
};

/** No O_CREAT: a file that isn't there belongs to a controller that is not switched on. */
const write = (path: string, text: string): void => {
  const fd = openSync(path, constants.O_WRONLY);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
};

/** The kernel's, cgroup v2. */
export const kernelCgroups: CgroupFiles = {
  create: createCgroup,
  write,
  read,
  processes: cgroupProcesses,
  kill: (path) => killCgroup(path),
  remove: removeCgroup,
};
