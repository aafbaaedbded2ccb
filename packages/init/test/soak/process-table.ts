import { readdirSync, readFileSync } from 'node:fs';

/** A process as the kernel has it. */
export interface TableRow {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly state: string;
  readonly name: string;
  /** What its environment says it is; undefined for one that is no job's, and for a zombie. */
  readonly job?: string;
}

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const rowOf = (pid: number, mark: string): TableRow | undefined => {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const end = stat.lastIndexOf(')');
  if (end < 0) return undefined;
  const [state = '', parent, , session] = stat.slice(end + 2).split(' ');
  const environment = readIfThere(`/proc/${pid}/environ`);
  const job = environment.includes(mark) ? /(?:^|\0)UPSTART_JOB=([^\0]*)/.exec(environment)?.[1] : undefined;
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    state,
    name: stat.slice(stat.indexOf('(') + 1, end),
    ...(job === undefined ? {} : { job }),
  };
};

/** All processes; those of a daemon's jobs are told by its home in their environment, which is its successors', too. */
export const processTable = (home: string): readonly TableRow[] => {
  const mark = `HOME=${home}\0`;
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (rowOf(Number(name), mark) ?? []) : []));
};

/** The resident memory of a process, in KiB. */
export const residentKiB = (pid: number): number =>
  Number(/^Rss:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1]);

/** How many files a process holds open. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
