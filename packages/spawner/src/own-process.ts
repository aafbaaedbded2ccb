import { readFileSync } from 'node:fs';
import { native } from './native.js';
import { SOFT_NOFILE } from './open-files.js';
import { checked, SystemError } from './system-error.js';

/**
 * Become the parent of every descendant whose own parent dies (or stop to), as PID 1 is for all.
 * @see PR_SET_CHILD_SUBREAPER in prctl(2)
 */
export const setSubreaper = (enabled: boolean): void => {
  checked(native.setSubreaper(enabled), 'prctl PR_SET_CHILD_SUBREAPER');
};

/**
 * Give back to the system what has been freed of this process's memory and is kept for later: libc keeps what a burst of work
 * has left in the middle of its heaps. It walks all of them, so it is for a time at which nothing else is to be done. Where libc
 * has no such call, nothing happens. The heap of JavaScript is not libc's.
 * @see malloc_trim(3)
 */
export const trimMemory = (): void => native.trimMemory();

/**
 * Keep a text in a file that has no name and takes no disk, sealed against changes: to hand it to a program as a descriptor.
 * @returns its descriptor, close-on-exec
 * @throws SystemError `ENOMEM`, `EMFILE`
 */
export const memoryFile = (text: string): number => checked(native.scriptOpen(text), 'memfd_create');

export interface ExecOptions {
  /** Descriptors that the program is to find open, under the same numbers; others follow their close-on-exec flag. */
  readonly keep?: readonly number[];
}

/**
 * Become another program under the same pid. Signals get their default action and none stays blocked; the standard
 * descriptors stay open and become blocking; the soft limit
 * of open files, which Node has raised, is again what this program was started with. Threads end at once, so close a Spawner first.
 *
 * Close-on-exec is cleared at the last moment, and is there again if the program can't be executed. A signal that arrives
 * in that moment for a handler of ours is lost, but does not end the process.
 * @param path a file, not looked up in any PATH
 * @param env the whole environment, `KEY=VALUE`
 * @throws SystemError when the program can't be executed, or a descriptor to keep is not open (`EBADF`); then
 *   everything is as before
 */
export const exec = (
  path: string,
  argv: readonly string[],
  env: readonly string[],
  { keep = [] }: ExecOptions = {},
): never => {
  throw new SystemError('execve', -native.execProcess({ path, argv, env, keep, softNofile: SOFT_NOFILE }), path);
};

/**
 * Let no program that is executed from now on inherit a descriptor: what one that {@link exec} has left here needs, for those
 * come open to all. Node does it for the lowest ones at its start, up to the first number that is not open.
 * @throws SystemError `EBADF` when it is not open
 * @see FD_CLOEXEC in fcntl(2)
 */
export const closeOnExec = (fd: number): void => {
  checked(native.closeOnExec(fd), 'fcntl F_SETFD');
};

/**
 * When a process started, in clock ticks since boot: together with the pid it names a process for good, for pids are
 * used again. Undefined when there is no such process.
 * @see `/proc/pid/stat` in proc(5), field 22
 */
export const processStartTime = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold anything, parentheses too.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
};
