import { constants } from 'node:os';
import { type FdWatch, watchFd } from './fd-watch.js';
import { native } from './native.js';
import { checked } from './system-error.js';

const { ESRCH } = constants.errno;

/**
 * A pidfd for each of many processes, and one watch for them all. A process that gets none, because no more files can be
 * open or the kernel is older than Linux 5.3, is simply not in the set.
 */
export class PidfdSet {
  readonly #set = checked(native.pidfdSetOpen(), 'epoll_create1');
  readonly #watch: FdWatch;
  readonly #fds = new Map<number, number>();
  readonly #pids = new Map<number, number>();

  /** @param onNews is called from the event loop with the pid of a process that has ended, until it is removed */
  constructor(onNews: (pid: number) => void) {
    // The watch on SIGCHLD keeps the program alive, as it always has.
    this.#watch = watchFd(this.#set, { readable: true }, () => this.#take(onNews)).unref();
  }

  /** @returns 0 or a negative errno: ESRCH when there is no such process */
  add(pid: number): number {
    this.remove(pid);
    const fd = native.pidfdOpen(pid);
    if (fd < 0) return fd;
    const result = native.pidfdSetAdd(this.#set, fd);
    if (result < 0) {
      native.closeFd(fd);
      return result;
    }
    this.#fds.set(pid, fd);
    this.#pids.set(fd, pid);
    return 0;
  }

  /** Hear next when somebody has waited for it. */
  awaitReaped(pid: number): void {
    const fd = this.#fds.get(pid);
    if (fd !== undefined) native.pidfdSetAwaitReaped(this.#set, fd);
  }

  /** True also for a process that is not in the set, and for a zombie. */
  isThere(pid: number): boolean {
    const fd = this.#fds.get(pid);
    return fd === undefined || native.pidfdSignal(fd, 0) !== -ESRCH;
  }

  /** The wait status of a process that has been waited for; a negative errno when it is not known. */
  status(pid: number): number {
    const fd = this.#fds.get(pid);
    return fd === undefined ? -ESRCH : native.pidfdStatus(fd);
  }

  remove(pid: number): void {
    const fd = this.#fds.get(pid);
    if (fd === undefined) return;
    this.#fds.delete(pid);
    this.#pids.delete(fd);
    native.closeFd(fd);
  }

  close(): void {
    this.#watch.close();
    for (const fd of this.#fds.values()) native.closeFd(fd);
    this.#fds.clear();
    this.#pids.clear();
    native.closeFd(this.#set);
  }

  #take(onNews: (pid: number) => void): void {
    const fds = native.pidfdSetTake(this.#set);
    if (typeof fds === 'number') return;
    for (const fd of fds) {
      const pid = this.#pids.get(fd);
      if (pid !== undefined) onNews(pid);
    }
  }
}
