/** What a process tells of itself in one datagram; only what it said is present. @see sd_notify(3) */
export interface NotifyMessage {
  /** `READY=1`: it serves, or has finished to reload. */
  readonly ready?: true;
  /** `RELOADING=1`: it reads its configuration again, until the next `ready`. */
  readonly reloading?: true;
  /** `STOPPING=1`: it is going to end. */
  readonly stopping?: true;
  /** `MONOTONIC_USEC`, with `reloading`: when it began to, in microseconds of CLOCK_MONOTONIC. */
  readonly monotonicUsec?: number;
  /** `STATUS`: a line for people. */
  readonly status?: string;
  /** `ERRNO`: the number of an error. */
  readonly errno?: number;
  /** `MAINPID`: which process is the main one. Only if that one belongs to the job. */
  readonly mainPid?: number;
  /** `WATCHDOG=1` is a sign of life; `WATCHDOG=trigger` asks to be treated as if none had come. */
  readonly watchdog?: 'alive' | 'trigger';
  /** `WATCHDOG_USEC`: how often it wants to give one from now on, in microseconds. */
  readonly watchdogUsec?: number;
  /** `EXTEND_TIMEOUT_USEC`: it needs so much longer, in microseconds. */
  readonly extendTimeoutUsec?: number;
  /** `FDSTORE=1`: the descriptors that come along are to be kept for the next process in its place. */
  readonly fdStore?: true;
  /** `FDSTOREREMOVE=1`: those of the name `fdName` are not to be kept any more. */
  readonly fdStoreRemove?: true;
  /** `FDNAME`: what the descriptors are called. At most 255 printable characters, no colon. */
  readonly fdName?: string;
  /** `BARRIER=1`: it waits until everything before has been read. */
  readonly barrier?: true;
}

type Entry = Partial<NotifyMessage> | undefined;

const flag =
  (entry: NotifyMessage) =>
  (value: string): Entry =>
    value === '1' ? entry : undefined;

/** A number without sign, exact in a double, from `least` on. */
const number =
  (name: 'monotonicUsec' | 'errno' | 'mainPid' | 'watchdogUsec' | 'extendTimeoutUsec', least = 0) =>
  (value: string): Entry => {
    const found = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    return Number.isSafeInteger(found) && found >= least ? { [name]: found } : undefined;
  };

const WATCHDOG: Readonly<Record<string, Entry>> = { '1': { watchdog: 'alive' }, trigger: { watchdog: 'trigger' } };

/** Names are joined by colons in `LISTEN_FDNAMES`. */
const FD_NAME = /^[!-9;-~ ]{1,255}$/;

/** What each variable means. All others mean nothing here. */
const VARIABLES: Readonly<Record<string, (value: string) => Entry>> = {
  READY: flag({ ready: true }),
  RELOADING: flag({ reloading: true }),
  STOPPING: flag({ stopping: true }),
  BARRIER: flag({ barrier: true }),
  FDSTORE: flag({ fdStore: true }),
  FDSTOREREMOVE: flag({ fdStoreRemove: true }),
  FDNAME: (value) => (FD_NAME.test(value) ? { fdName: value } : undefined),
  STATUS: (value) => ({ status: value }),
  ERRNO: number('errno'),
  MAINPID: number('mainPid', 1),
  MONOTONIC_USEC: number('monotonicUsec'),
  WATCHDOG: (value) => WATCHDOG[value],
  WATCHDOG_USEC: number('watchdogUsec'),
  EXTEND_TIMEOUT_USEC: number('extendTimeoutUsec'),
};

const meaning = (line: string): Entry => {
  const equals = line.indexOf('=');
  const name = line.slice(0, Math.max(equals, 0));
  return Object.hasOwn(VARIABLES, name) ? VARIABLES[name]?.(line.slice(equals + 1)) : undefined;
};

/**
 * Read a datagram: lines of `VARIABLE=value`. Lines that mean nothing are passed over; of two with the same name the
 * last counts.
 * @returns undefined for what is no text: a NUL that is not the last byte
 */
export const parseNotify = (text: string): NotifyMessage | undefined => {
  const body = text.endsWith('\0') ? text.slice(0, -1) : text;
  if (body.includes('\0')) return undefined;
  return Object.assign({}, ...body.split('\n').map((line) => meaning(line) ?? {}));
};
