import type { ChildEvent } from './process-spec.js';
import { readProcess, readUserIds } from './process-table.js';

/** The parts of a wait status. @see wait(2) */
const SIGNAL_MASK = 0x7f;
const CORE_FLAG = 0x80;

/** An end, from the status that wait(2) would give. */
export const endOf = (pid: number, status: number): ChildEvent =>
  (status & SIGNAL_MASK) === 0
    ? { kind: 'exited', pid, code: (status >> 8) & 0xff }
    : { kind: 'signalled', pid, signal: status & SIGNAL_MASK, core: (status & CORE_FLAG) !== 0 };

/** The kernel shows a zombie's status to whoever might trace it, and 0 to all others. */
const maySee = (pid: number): boolean => {
  const own = process.geteuid?.();
  return own === 0 || readUserIds(pid).every((uid) => uid === own);
};

/**
 * How a process ended that is not ours to wait for, as a wait status; undefined as long as nobody can tell.
 * @param ask its pidfd: a negative errno if it can't tell (Linux before 6.15, or nobody has waited for it yet)
 */
export const foreignStatus = (pid: number, ask: () => number): number | undefined => {
  const told = ask();
  if (told >= 0) return told;
  const zombie = readProcess(pid);
  if (zombie?.state !== 'Z') {
    // Its parent may have waited for it between the two questions.
    const late = ask();
    return late >= 0 ? late : undefined;
  }
  return zombie.status !== 0 || maySee(pid) ? zombie.status : undefined;
};
