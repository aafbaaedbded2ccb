import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** It gets processes ready whose preparation takes its time. */
const HELPER = 'spawn-helper';

const programOf = (pid: number | 'self'): string => readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');

/**
 * Whether a process has stopped, and has not come to its program yet: what it executes is this program, from which it was
 * forked, or the helper. Of one whose supervisor was another version at another place that can't be known.
 */
export const waitsBeforeProgram = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (stat[stat.lastIndexOf(')') + 2] !== 'T') return false;
    const program = programOf(pid);
    return program === programOf('self') || basename(program) === HELPER;
  } catch {
    // It has ended, or is somebody else's.
    return false;
  }
};
