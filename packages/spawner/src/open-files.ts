import { readFileSync } from 'node:fs';

interface OpenFiles {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** The kernel's own default: what nobody has changed, and what programs that count on few descriptors expect. */
const USUAL_SOFT = 1024n;

const UNLIMITED = 2n ** 64n - 1n;

const ROW = /^Max open files\s+(\S+)\s+(\S+)/m;

const value = (text: string): bigint => (text === 'unlimited' ? UNLIMITED : BigInt(text));

/** A process's limits of open files. @see `/proc/pid/limits` in proc(5) */
export const openFilesOf = (pid: number | 'self'): OpenFiles | undefined => {
  try {
    const [, soft, hard] = ROW.exec(readFileSync(`/proc/${pid}/limits`, 'latin1')) ?? [];
    return soft === undefined || hard === undefined ? undefined : { soft: value(soft), hard: value(hard) };
  } catch {
    return undefined;
  }
};

/**
 * The soft limit of open files that this process was started with. Node raises it to the hard one before any of our
 * code runs, so it is taken from the parent, from whom it came: as long as the hard limits agree nobody has changed
 * them on the way. Where there is no parent to look at (PID 1), or it differs, 1024.
 * Undefined: it is as it was.
 */
export const startingSoftNofile = (own: OpenFiles | undefined, parent: OpenFiles | undefined): bigint | undefined => {
  if (own === undefined || own.soft !== own.hard) return undefined;
  const soft = parent !== undefined && parent.hard === own.hard ? parent.soft : USUAL_SOFT;
  return soft < own.soft ? soft : undefined;
};

/** As it was when this module was loaded: later there may be another parent. */
export const SOFT_NOFILE = startingSoftNofile(openFilesOf('self'), openFilesOf(process.ppid));
