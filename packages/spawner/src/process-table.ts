import { readdirSync, readFileSync } from 'node:fs';

/** What `/proc/PID/stat` says of a process. @see proc_pid_stat(5) */
export interface ProcessRecord {
  readonly pid: number;
  /** `R`, `S`, `Z` … */
  readonly state: string;
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  readonly threads: number;
  /** Clock ticks since boot: with the pid it names a process for good. */
  readonly startTime: number;
  /** The wait status of a zombie; 0 also where we may not see it. */
  readonly status: number;
}

/** Undefined where the kernel shows nothing (any more). */
const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
};

const numbers = (text: string | undefined): number[] =>
  text === undefined ? [] : (text.match(/\d+/g) ?? []).map(Number);

/** Fields are counted as in the manual page, from 1; the second is a name in parentheses, which may hold anything. */
const parseStat = (pid: number, stat: string): ProcessRecord => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    state: fields[0] ?? '',
    ppid: field(4),
    group: field(5),
    session: field(6),
    threads: field(20),
    startTime: field(22),
    status: field(52),
  };
};

/** A process, also one that has ended and was not waited for yet; undefined when there is none. */
export const readProcess = (pid: number): ProcessRecord | undefined => {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStat(pid, stat);
};

const directoryNumbers = (path: string): number[] => {
  try {
    return readdirSync(path)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
};

/** The pids of every process of the machine that can be seen. */
export const readPids = (): number[] => directoryNumbers('/proc');

/** The children of all threads of a process, as far as the kernel lists them (CONFIG_PROC_CHILDREN). */
export const readChildren = (pid: number): number[] =>
  directoryNumbers(`/proc/${pid}/task`).flatMap((tid) => numbers(read(`/proc/${pid}/task/${tid}/children`)));

/** Ended, and only its parent has not asked yet. A process whose first thread has ended lives on in the others. */
export const isDead = ({ state, threads }: ProcessRecord): boolean => state === 'X' || (state === 'Z' && threads <= 1);

/** The environment that a process was started with, as it is in memory; empty where we may not see it. */
export const readEnvironment = (pid: number): readonly string[] =>
  (read(`/proc/${pid}/environ`) ?? '').split('\0').filter((entry) => entry !== '');

/** The process that a thread belongs to. */
export const readThreadGroup = (tid: number): number | undefined => {
  const line = /^Tgid:\t(\d+)$/m.exec(read(`/proc/${tid}/status`) ?? '');
  return line === null ? undefined : Number(line[1]);
};

/** The user ids of a process: real, effective, saved, of the file system. */
export const readUserIds = (pid: number): number[] =>
  numbers(/^Uid:(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]);

/** More parents than any sane machine has one above the other. */
const DEEPEST = 256;

/** Who is above a process: the only ones that can become the parent of its orphans, and PID 1 among them. */
export const readAncestors = (pid: number): ReadonlySet<number> => {
  const found = new Set<number>();
  for (let above = readProcess(pid)?.ppid; above !== undefined && above > 0; above = readProcess(above)?.ppid)
    found.add(above);
  return found;
};

/** True for a process and everything below it, as long as the parents between them live. */
export const isDescendant = (pid: number, ancestor: number): boolean => {
  let current: number | undefined = pid;
  for (let depth = 0; depth < DEEPEST && current !== undefined && current > 0; depth++) {
    if (current === ancestor) return true;
    current = readProcess(current)?.ppid;
  }
  return false;
};
