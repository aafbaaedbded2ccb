import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const state = (pid: number): string => readIfThere(`/proc/${pid}/stat`).split(') ')[1]?.[0] ?? 'X';

/** Inodes of the pipes and sockets that a process has open, and of files what they are. */
export const openFiles = (pid: number | 'self'): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
};

export const isRunning = (pid: number): boolean => !['X', 'Z'].includes(state(pid));

const isLogProcess = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith('/log-process') && isRunning(pid);
  } catch {
    return false;
  }
};

/** The log process that has a file open. */
export const logProcessOf = (path: string): number | undefined =>
  pids().find((pid) => isLogProcess(pid) && openFiles(pid).includes(path));

/** The log process that was started with an address. */
export const logProcessAt = (address: string): number | undefined =>
  pids().find((pid) => isLogProcess(pid) && readIfThere(`/proc/${pid}/cmdline`).split('\0').includes(address));

/** Looks again and again, for what nobody reports. */
export const eventually = async <T>(look: () => T | undefined | false): Promise<T> => {
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

export const readOrNothing = readIfThere;
