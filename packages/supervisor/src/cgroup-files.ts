import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A process of a group. */
export interface CgroupProcess {
  readonly pid: number;
  /** The name of its program, at most 15 bytes. */
  readonly name: string;
}

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

/** The group and all below it, the deepest first. */
const withDescendants = (path: string): string[] => {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap(({ name }) => withDescendants(join(path, name))), path];
  } catch {
    return [];
  }
};

const nameOf = (pid: number): CgroupProcess[] => {
  const name = read(`/proc/${pid}/comm`)?.trimEnd();
  return name === undefined ? [] : [{ pid, name }];
};

/** The kernel's, cgroup v2. */
export const kernelCgroups: CgroupFiles = {
  create: (path) => void mkdirSync(path, { recursive: true }),
  write,
  read,
  processes: (path) =>
    withDescendants(path)
      .flatMap((group) => (read(join(group, 'cgroup.procs')) ?? '').split('\n'))
      .flatMap((line) => (line === '' ? [] : nameOf(Number(line)))),
  kill: (path) => write(join(path, 'cgroup.kill'), '1'),
  remove(path) {
    for (const group of withDescendants(path)) rmdirSync(group);
  },
};
