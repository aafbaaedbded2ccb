import { type NativeWatch, native } from './native.js';
import { checked, SystemError } from './system-error.js';

/** What to wait for. Neither: the watch pauses. */
export interface Interest {
  readonly readable?: boolean;
  readonly writable?: boolean;
}

/** What a descriptor is ready for. A peer that is gone makes it ready for all that is waited for: the next call tells. */
export interface Readiness {
  readonly readable: boolean;
  readonly writable: boolean;
}

export interface WatchOptions {
  /** Pause before each call, so that one comes for each `update`: what is ready need not be taken at once. */
  readonly once?: boolean;
}

/** uv_poll's events. */
const READABLE = 1;
const WRITABLE = 2;

const eventsOf = (interest: Interest): number =>
  (interest.readable === true ? READABLE : 0) | (interest.writable === true ? WRITABLE : 0);

const readinessOf = (events: number): Readiness => ({
  readable: (events & READABLE) !== 0,
  writable: (events & WRITABLE) !== 0,
});

/** A descriptor watched in Node's event loop, level-triggered. Keeps the process alive until closed or unref'd. */
export class FdWatch {
  readonly #watch: NativeWatch;
  #events: number;

  /** @internal use {@link watchFd} */
  constructor(
    fd: number,
    interest: Interest,
    callback: (readiness: Readiness) => void,
    { once = false }: WatchOptions = {},
  ) {
    this.#events = eventsOf(interest);
    const watch = native.pollStart(fd, this.#events, (events) => {
      const readiness = readinessOf(this.#asPoll(events));
      if (once) this.update({});
      callback(readiness);
    });
    if (typeof watch === 'number') throw new SystemError('poll', -watch);
    this.#watch = watch;
  }

  /**
   * libuv takes POLLERR for a failure of the watch, calls it EBADF and stops. To poll(2) the descriptor is ready then:
   * what a socket has received can still be read, and after it the error itself.
   */
  #asPoll(eventsOrErrno: number): number {
    if (eventsOrErrno >= 0) return eventsOrErrno;
    native.pollUpdate(this.#watch, this.#events);
    return this.#events;
  }

  /** Change what is waited for. Does nothing once closed. */
  update(interest: Interest): void {
    this.#events = eventsOf(interest);
    checked(native.pollUpdate(this.#watch, this.#events), 'poll');
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
 * What the callback throws becomes an uncaught exception. A listening socket is readable while a connection waits: nothing
 * needs to be accepted to know.
 * @throws SystemError `EBADF`, `EEXIST` (watched already), `EPERM`
 */
export const watchFd = (
  fd: number,
  interest: Interest,
  callback: (readiness: Readiness) => void,
  options: WatchOptions = {},
): FdWatch => new FdWatch(fd, interest, callback, options);
