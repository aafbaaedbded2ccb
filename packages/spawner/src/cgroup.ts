import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeSync } from 'node:fs';
import { constants as os } from 'node:os';
import { join } from 'node:path';
import { native } from './native.js';
import { SystemError } from './system-error.js';

/** A process of a cgroup. */
export interface CgroupProcess {
  readonly pid: number;
  /** The name of its program, cut at 15 bytes by the kernel. @see `/proc/pid/comm` in proc(5) */
  readonly name: string;
}

const { SIGKILL } = os.signals;
const { ENOENT, ENODEV, ENOTDIR } = os.errno;

/** That a cgroup or a process isn't there (any more). */
const GONE: ReadonlySet<number> = new Set([ENOENT, ENODEV, os.errno.ESRCH]);

/** A positive errno of what a function of `node:fs` threw; anything else is thrown on. */
const errnoOf = (error: unknown): number => {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return -error.errno;
  throw error;
};

const attempt = <T>(act: () => T): T | { readonly errno: number } => {
  try {
    return act();
  } catch (error) {
    return { errno: errnoOf(error) };
  }
};

const isFailure = (result: unknown): result is { readonly errno: number } =>
  typeof result === 'object' && result !== null && 'errno' in result;

/** The text of a file; undefined when the cgroup or process is gone. */
const readIfThere = (path: string): string | undefined => {
  const text = attempt(() => readFileSync(path, 'utf8'));
  if (!isFailure(text)) return text;
  if (GONE.has(text.errno)) return undefined;
  throw new SystemError('read', text.errno, path);
};

/** `cgroup.procs` of a cgroup, opened for a process that is to enter; or a negative errno. @internal */
export const openProcs = (cgroup: string): number => {
  const fd = attempt(() => openSync(join(cgroup, 'cgroup.procs'), constants.O_WRONLY));
  return isFailure(fd) ? -fd.errno : fd;
};

/**
 * Make a cgroup, and those above it that are missing. One that is there is left as it is.
 * @param path a directory in a cgroup v2 file system
 * @throws SystemError `EACCES`, `EROFS`, `ENOTDIR` where that isn't a cgroup v2
 */
export const createCgroup = (path: string): void => {
  const made = attempt(() => mkdirSync(path, { recursive: true }));
  if (isFailure(made)) throw new SystemError('mkdir', made.errno, path);
  if (readIfThere(join(path, 'cgroup.events')) === undefined) throw new SystemError('cgroup', ENOTDIR, path);
};

/** The cgroup and all below it, the deepest first; none when it is gone. */
const withDescendants = (path: string): readonly string[] => {
  const entries = attempt(() => readdirSync(path, { withFileTypes: true }));
  if (!isFailure(entries)) {
    const below = entries.filter((entry) => entry.isDirectory());
    return [...below.flatMap(({ name }) => withDescendants(join(path, name))), path];
  }
  if (GONE.has(entries.errno)) return [];
  throw new SystemError('readdir', entries.errno, path);
};

const pidsOf = (path: string): readonly number[] =>
  withDescendants(path)
    .flatMap((cgroup) => (readIfThere(join(cgroup, 'cgroup.procs')) ?? '').split('\n'))
    .filter((line) => line !== '')
    .map(Number)
    // A process of another PID namespace has no number here.
    .filter((pid) => pid > 0);

/** The processes of a cgroup and of those below it that have not ended, by pid; none when it is gone. */
export const cgroupProcesses = (path: string): readonly CgroupProcess[] =>
  pidsOf(path)
    .map((pid) => ({ pid, name: readIfThere(`/proc/${pid}/comm`)?.trimEnd() }))
    .filter((row): row is CgroupProcess => row.name !== undefined)
    .sort((a, b) => a.pid - b.pid);

/** Whether there are processes in a cgroup or below it; false when it is gone. @see `populated` in `cgroup.events` */
export const isPopulated = (path: string): boolean => isPopulatedText(readIfThere(join(path, 'cgroup.events')));

/** @internal */
export const isPopulatedText = (events: string | undefined): boolean => /^populated 1$/m.test(events ?? '');

/** More than any program of good will needs; one of ill will needs `cgroup.kill`. */
const MOST_ROUNDS = 1000;

/**
 * Signal each process, until no new ones are found. With SIGKILL that is the end of it: a process that has been sent one
 * forks no more.
 */
const signalEach = (path: string, signal: number): void => {
  const seen = new Set<number>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const fresh = pidsOf(path).filter((pid) => !seen.has(pid) && pid !== process.pid);
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      seen.add(pid);
      native.killProcess(pid, signal, false);
    }
  }
};

/** Not by writeFileSync, which would make a file that isn't there: an older kernel's. */
const writeSetting = (path: string, text: string): void => {
  const fd = openSync(path, constants.O_WRONLY);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
};

/**
 * Send a signal to every process of a cgroup and of those below it, but never to this one. SIGKILL, the default, goes
 * through `cgroup.kill`, which no fork escapes; on kernels without it (before Linux 5.14) each process is signalled
 * until no new ones come. Returns at once: {@link watchCgroup} tells when they have ended.
 * @throws SystemError `EACCES`, `EPERM`
 */
export const killCgroup = (path: string, signal: number = SIGKILL): void => {
  if (signal !== SIGKILL || pidsOf(path).includes(process.pid)) {
    signalEach(path, signal);
    return;
  }
  const killed = attempt(() => writeSetting(join(path, 'cgroup.kill'), '1'));
  if (!isFailure(killed)) return;
  if (!GONE.has(killed.errno)) throw new SystemError('cgroup.kill', killed.errno, path);
  signalEach(path, signal);
};

/**
 * Remove a cgroup and those below it. One that is gone is fine.
 * @throws SystemError `EBUSY` while there are processes in it
 */
export const removeCgroup = (path: string): void => {
  for (const cgroup of withDescendants(path)) {
    const removed = attempt(() => rmdirSync(cgroup));
    if (isFailure(removed) && !GONE.has(removed.errno)) throw new SystemError('rmdir', removed.errno, cgroup);
  }
};
