import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const readIfThere = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** The parent of every process, by pid. */
const parents = () => {
  const pairs = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : '';
    const parent = /.*\) \S (\d+)/s.exec(stat)?.[1];
    return parent === undefined ? [] : [[Number(name), Number(parent)]];
  });
  return new Map(pairs);
};

/** A process and all that come from it. */
export const treeOf = (root) => {
  const parentOf = parents();
  const isBelow = (pid) => pid === root || (parentOf.has(pid) && isBelow(parentOf.get(pid)));
  return [...parentOf.keys()].filter(isBelow);
};

const programOf = (pid) => {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
};

/** A supervisor and its helpers: all below `root` but the services themselves. */
export const supervisorsBelow = (root, service) => treeOf(root).filter((pid) => programOf(pid) !== service);

/** The proportional set size of processes, in MiB. */
export const pssMiB = (pids) => {
  const kib = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
};

/** How often the threads of processes have been switched away from so far: each time they run, that ends so. */
export const switches = (pids) => {
  const counts = pids.flatMap((pid) => {
    try {
      return readdirSync(`/proc/${pid}/task`).map((tid) => {
        const text = readIfThere(`/proc/${pid}/task/${tid}/status`);
        return [...text.matchAll(/ctxt_switches:\s+(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      });
    } catch {
      return [];
    }
  });
  return counts.reduce((sum, each) => sum + each, 0);
};

/** Whether a process is there, and is no zombie. */
export const lives = (pid) => {
  const state = /.*\) (\S)/s.exec(readIfThere(`/proc/${pid}/stat`))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
};
