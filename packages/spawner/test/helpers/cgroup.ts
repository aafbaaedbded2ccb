import { accessSync, constants, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A new cgroup v2 of our own, below this process's; undefined, with a printed reason, where none can be made. */
export const makeCgroup = (): string | undefined => {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const [, root] = /^\S+ (\S+) cgroup2 /m.exec(mounts) ?? [];
  try {
    if (root === undefined) throw new Error('cgroup v2 is not mounted');
    const path = mkdtempSync(join(root, 'maverick-'));
    accessSync(join(path, 'cgroup.procs'), constants.W_OK);
    return path;
  } catch (error) {
    console.log(`skipped: no cgroup can be made: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
};
