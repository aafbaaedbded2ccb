import { type FdWatch, watchFd } from './fd-watch.js';
import { type LogNotice, type NativeLogPump, native } from './native.js';
import type { SpawnWarning } from './spawn-warning.js';
import { checked, errnoMessage, SystemError } from './system-error.js';

/** Number of a log within its {@link OutputLog}. */
export type LogId = number;

const startPump = (): NativeLogPump => {
  const pump = native.logStart();
  if (typeof pump === 'number') throw new SystemError('starting the log thread', -pump);
  return pump;
};

/**
 * Moves output of processes to their log files, in a thread of its own.
 *
 * A file is created on the first output (mode 0640, never through a link) and made anew when it was deleted. While it
 * can't be written, up to 1 MiB a log is kept and written later.
 */
export class OutputLog {
  readonly #pump = startPump();
  readonly #watch: FdWatch;
  readonly #paths = new Map<LogId, string>();
  readonly #draining = new Map<LogId, () => void>();
  readonly #warn: (warning: SpawnWarning) => void;

  /** @throws SystemError when a thread or descriptors can't be had */
  constructor(warn: (warning: SpawnWarning) => void) {
    this.#warn = warn;
    this.#watch = watchFd(native.logNoticeFd(this.#pump), { readable: true }, () => this.#takeNotices()).unref();
  }

  /**
   * Log what comes from a descriptor until it ends.
   * @param source non-blocking; closed here
   * @param path absolute
   * @returns undefined, after a warning, when there is no memory for it; `source` is closed then, too
   */
  add(source: number, path: string): LogId | undefined {
    const id = native.logAdd(this.#pump, source, path);
    if (id >= 0) {
      this.#paths.set(id, path);
      return id;
    }
    native.closeFd(source);
    this.#warn({ kind: 'log-unwritable', path, errno: -id, message: unwritable(path, -id) });
    return undefined;
  }

  /** Call back, later, when everything that was written to the log so far has been taken in. */
  drain(id: LogId, drained: () => void): void {
    if (native.logDrain(this.#pump, id) < 0) {
      // Out of memory: the end of a process must be told all the same.
      setImmediate(drained);
      return;
    }
    this.#draining.set(id, drained);
    this.#watch.ref();
  }

  /** Try again to write what is kept in memory. */
  flush(): void {
    checked(native.logFlush(this.#pump), 'flushing logs');
  }

  /** Take in and write what is there, and end. */
  close(): void {
    this.#watch.close();
    native.logStop(this.#pump);
  }

  #takeNotices(): void {
    for (const notice of native.logTakeNotices(this.#pump)) this.#handle(notice);
    if (this.#draining.size === 0) this.#watch.unref();
  }

  #handle({ kind, log, number }: LogNotice): void {
    const path = this.#paths.get(log) ?? '';
    switch (kind) {
      case 'drained':
        this.#finishDrain(log);
        break;
      case 'unwritable':
        this.#warn({ kind: 'log-unwritable', path, errno: number, message: unwritable(path, number) });
        break;
      case 'dropped':
        this.#warn({ kind: 'log-dropped', path, bytes: number, message: dropped(path, number) });
        break;
      case 'ended':
        this.#paths.delete(log);
        break;
    }
  }

  #finishDrain(log: LogId): void {
    const drained = this.#draining.get(log);
    this.#draining.delete(log);
    drained?.();
  }
}

const unwritable = (path: string, errno: number): string =>
  `unable to write ${path}, output is kept in memory: ${errnoMessage(errno)}`;

const dropped = (path: string, bytes: number): string =>
  `${bytes} bytes of output for ${path} are lost: more than can be kept in memory`;
