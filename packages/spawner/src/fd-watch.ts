import { type NativeWatch, native } from './native.js';
import { checked, errnoCode, SystemError } from './system-error.js';

/** What to wait for. Neither: the watch pauses. */
export interface Interest {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** What a descriptor is ready for. A closed peer makes it readable: the next receive tells. */
export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
  /** Waiting failed, with this code; the watch should be closed. */
  readonly error?: string;
}

/** uv_poll's events. */
const READABLE = 1;
const WRITABLE = 2;

const eventsOf = (interest: Interest): number =>
  (interest.readable === true ? READABLE : 0) | (interest.writable === true ? WRITABLE : 0);

const readinessOf = (eventsOrErrno: number): Readiness =>
  eventsOrErrno < 0
    ? { readable: false, writable: false, error: errnoCode(-eventsOrErrno) }
    : { readable: (eventsOrErrno & READABLE) !== 0, writable: (eventsOrErrno & WRITABLE) !== 0 };

/** A descriptor watched in Node's event loop, level-triggered. Keeps the process alive until closed or unref'd. */
export class FdWatch {
  readonly #watch: NativeWatch;

  /** @internal use {@link watchFd} */
  constructor(watch: NativeWatch) {
    this.#watch = watch;
  }

  /** Change what is waited for. Does nothing once closed. */
  update(interest: Interest): void {
    checked(native.pollUpdate(this.#watch, eventsOf(interest)), 'poll');
  }

  /** No call comes after this. The descriptor itself stays open, and may be closed at once. */
  close(): void {
    native.watchClose(this.#watch);
  }

  ref(): this {
    native.watchRef(this.#watch, true);
    return this;
  }

  /** Let the process end though the watch is open. */
  unref(): this {
    native.watchRef(this.#watch, false);
    return this;
  }
}

/**
 * Call `callback` whenever the descriptor is ready for what is asked, again and again as long as it is.
 * One watch a descriptor; sockets, pipes, ttys and eventfds can be watched, regular files can't (`EPERM`).
 * What the callback throws becomes an uncaught exception.
 * @throws SystemError `EBADF`, `EEXIST` (watched already), `EPERM`
 */
export const watchFd = (fd: number, interest: Interest, callback: (readiness: Readiness) => void): FdWatch => {
  const watch = native.pollStart(fd, eventsOf(interest), (events) => callback(readinessOf(events)));
  if (typeof watch === 'number') throw new SystemError('poll', -watch);
  return new FdWatch(watch);
};
