import { constants } from 'node:os';
import { EventDescriptor } from './event-descriptor.js';
import { native } from './native.js';
import { checked, SystemError } from './system-error.js';

/** The kernel's clocks by their numbers in clock_gettime(2). */
const CLOCKS = {
  /** The time of day. It may be set. Milliseconds since 1970. */
  realtime: 0,
  /** Since boot, standing still while the machine sleeps: what Node's own timers go by. */
  monotonic: 1,
  /** Since boot, sleep included. */
  boottime: 7,
  /** The time of day, and waking the machine up for it; needs CAP_WAKE_ALARM. */
  'realtime-alarm': 8,
  /** Since boot, sleep included, and waking the machine up; needs CAP_WAKE_ALARM. */
  'boottime-alarm': 9,
} as const;

export type Clock = keyof typeof CLOCKS;

/** What a clock shows, in milliseconds with fractions. */
export const clockNow = (clock: Clock): number => checked(native.clockNow(CLOCKS[clock]), 'clock_gettime', clock);

/** `due`: the clock shows the time. `clock-set`: somebody set the clock; only the two realtime clocks can be. */
export type TimerNews = 'due' | 'clock-set';

/** A timer on one of the kernel's clocks. Made by {@link kernelTimer}. */
export class KernelTimer extends EventDescriptor {
  readonly #settable: boolean;
  readonly #onNews: (news: TimerNews) => void;
  readonly #expirations = Buffer.alloc(8);
  #at = Number.POSITIVE_INFINITY;

  /** @internal use {@link kernelTimer} */
  constructor(clock: Clock, onNews: (news: TimerNews) => void) {
    super(checked(native.timerOpen(CLOCKS[clock]), 'timerfd_create', clock));
    this.#onNews = onNews;
    this.#settable = clock.startsWith('realtime');
    if (this.#settable) this.#arm();
  }

  /**
   * Be told once when the clock shows `atMs`; at once if it already does. Replaces the time that was set before.
   * Infinity: never; a realtime timer still tells when the clock is set.
   */
  set(atMs: number): void {
    if (Number.isNaN(atMs)) throw new RangeError('a timer needs a time in milliseconds');
    if (!this.isOpen) return;
    this.#at = atMs;
    this.#arm();
  }

  /** A clock that can be set is watched even without a time: then the timer is as far away as can be. */
  #arm(): void {
    const off = this.#at === Number.POSITIVE_INFINITY && !this.#settable;
    const result = off ? native.timerStop(this.fd) : native.timerSet(this.fd, this.#at, this.#settable);
    // The timer is set all the same; but the kernel has told now that the clock was set, and won't tell again.
    if (result === -constants.errno.ECANCELED) setImmediate(() => this.#tell('clock-set'));
    else checked(result, 'timerfd_settime');
  }

  #tell(news: TimerNews): void {
    if (this.isOpen) this.#onNews(news);
  }

  protected receive(): void {
    const result = native.readFd(this.fd, this.#expirations);
    if (result === -constants.errno.EAGAIN) return;
    const changed = result === -constants.errno.ECANCELED;
    if (result < 0 && !changed) throw new SystemError('read timerfd', -result);
    if (!changed) this.#at = Number.POSITIVE_INFINITY;
    if (this.#settable) this.#arm();
    this.#tell(changed ? 'clock-set' : 'due');
  }
}

/**
 * A timer on one of the kernel's clocks: at a time of day that stays right when the clock is set, or after a time that
 * counts sleep. When the clock is set `onNews` is told `clock-set`, and a time that was set stays set.
 * Keeps the process alive until closed or unref'd.
 * @throws SystemError `EPERM` without CAP_WAKE_ALARM, `EOPNOTSUPP` where the machine has no such clock
 * @see timerfd_create(2), TFD_TIMER_CANCEL_ON_SET
 */
export const kernelTimer = (clock: Clock, onNews: (news: TimerNews) => void): KernelTimer =>
  new KernelTimer(clock, onNews);
