import { constants } from 'node:os';
import { type NativeWatch, native } from './native.js';
import { SystemError } from './system-error.js';

/** A watched signal. */
export class SignalWatch {
  readonly #watch: NativeWatch;

  /** @internal use {@link watchSignal} */
  constructor(signal: NodeJS.Signals | number, callback: () => void) {
    const number = typeof signal === 'number' ? signal : constants.signals[signal];
    const watch = native.signalStart(number, callback);
    if (typeof watch === 'number') throw new SystemError('sigaction', -watch, String(signal));
    this.#watch = watch;
  }

  /** From now on the signal has its default action again, unless others watch it. */
  close(): void {
    native.watchClose(this.#watch);
  }

  ref(): this {
    native.watchRef(this.#watch, true);
    return this;
  }

  /** Let the process end though the signal is watched. */
  unref(): this {
    native.watchRef(this.#watch, false);
    return this;
  }
}

/**
 * Be called from the event loop when a signal has arrived; several that arrive together may be one call. Unlike
 * `process.on` it takes real-time signals (by number: 34 to 64) and keeps the process alive until closed or unref'd.
 * @throws SystemError `EINVAL` for SIGKILL, SIGSTOP and what is no signal
 */
export const watchSignal = (signal: NodeJS.Signals | number, callback: () => void): SignalWatch =>
  new SignalWatch(signal, callback);
