import { readFileSync } from 'node:fs';

/** What the kernel knows of any process. */
export interface ProcessStat {
  /** Its parent's PID. */
  readonly parent: number;
  /** The PID of the leader of its (POSIX) session. Every job process leads one. */
  readonly session: number;
}

/** Looks at processes that need not be the supervisor's own. */
export interface ProcessTree {
  /** Undefined where there is no such process, not even a zombie. */
  stat(pid: number): ProcessStat | undefined;
  /**
   * Signal whoever is left in a process group, also when its leader is gone. Signal 0 only asks.
   * @returns whether there is anybody
   */
  signalGroup(group: number, signal: number): boolean;
}

/** The kernel's. @see proc_pid_stat(5), kill(2) */
export const procTree: ProcessTree = {
  stat(pid) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    } catch {
      return undefined;
    }
    // The second field is the program's name in parentheses, which may hold blanks and parentheses itself.
    const [, parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ', 4);
    return { parent: Number(parent), session: Number(session) };
  },
  signalGroup(group, signal) {
    try {
      return process.kill(-group, signal);
    } catch {
      // Nobody there, or nobody whom we may signal.
      return false;
    }
  },
};

/** No chain of parents is longer; a bound for a table that changes while it is read. */
const MAX_DEPTH = 64;

/**
 * Find the first of `pid`, its session's leader, its parent, the parent's leader … for which `known` has something.
 * The session finds what was orphaned, the parents find what made a session of its own.
 */
export const findAncestor = <T>(
  pid: number,
  tree: Pick<ProcessTree, 'stat'>,
  known: (pid: number) => T | undefined,
): T | undefined => {
  for (let current = pid, depth = 0; current > 0 && depth < MAX_DEPTH; depth += 1) {
    const stat = tree.stat(current);
    const found = known(current) ?? (stat && known(stat.session));
    if (found !== undefined || stat === undefined) return found;
    current = stat.parent;
  }
  return undefined;
};
