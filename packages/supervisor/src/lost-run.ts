import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LOCK_FILE } from './state-file.js';
import { findMarked, type MarkedProcess } from './survivors.js';

/** A run of which nothing is left but its processes. */
export interface LostRun {
  readonly runId: string;
  /** The oldest first. */
  readonly processes: readonly MarkedProcess[];
}

/**
 * How the ids of all runs of a state directory begin, so that their processes are found without anything being read in it.
 * PIDs, and with them who can be found, are those of one namespace.
 */
const keyOf = (dir: string): string => {
  const place = [process.getuid?.(), readlinkSync('/proc/self/ns/pid'), resolve(dir)].join('\0');
  return `${createHash('sha256').update(place).digest('hex').slice(0, 16)}-`;
};

/** An id for a new run that keeps its state in this directory. */
export const newRunId = (dir: string): string => `${keyOf(dir)}${randomUUID()}`;

/** Whether a process has the directory's lock: the lock may have been deleted since, or replaced. */
const hasLock = (pid: number, dir: string): boolean => {
  const path = join(resolve(dir), LOCK_FILE);
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target === path || target === `${path} (deleted)`;
    });
  } catch {
    // Not ours to look at, or gone: then it supervises nothing of ours.
    return false;
  }
};

/**
 * The run whose supervisor kept its state in this directory and is gone: of several the one of the youngest process.
 * @returns undefined where nobody lives, or the supervisor does
 */
export const findLostRun = (dir: string): LostRun | undefined => {
  const found = findMarked(keyOf(dir));
  const runId = found.at(-1)?.runId;
  if (runId === undefined) return undefined;
  const processes = found.filter((survivor) => survivor.runId === runId);
  const parents = new Set(processes.map(({ parent }) => parent));
  // Its directory was taken away from under it, or we would have been kept out by the lock.
  if ([...parents].some((parent) => parent !== process.pid && hasLock(parent, dir))) return undefined;
  return { runId, processes };
};
