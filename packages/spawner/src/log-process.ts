import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { Descriptors } from './descriptors.js';
import { type FdWatch, watchFd } from './fd-watch.js';
import { decodeNotice, encodeRequest, LOG_MESSAGE_MAX, LOG_PROTOCOL, type LogNotice } from './log-protocol.js';
import { native } from './native.js';
import { nativeFile } from './native-files.js';
import { makePlan } from './plan.js';
import { prepare } from './prepare.js';
import { peerCredentials } from './sockets.js';
import { checked, SystemError } from './system-error.js';

/** The program, beside the addon. */
const PROGRAM = nativeFile('log-process');

/** Whether a process is a log process: who ends all its children spares it, for it has their last words. */
export const isLogProcess = (pid: number): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === PROGRAM;
  } catch {
    return false;
  }
};

const { EAGAIN, ECONNREFUSED, ECONNRESET, ENOENT } = constants.errno;

/** Too many descriptors are on their way. Node has no name for it. */
const ETOOMANYREFS = 109;

const BUSY: ReadonlySet<number> = new Set([EAGAIN, ETOOMANYREFS]);

const NOBODY: ReadonlySet<number> = new Set([ECONNREFUSED, ENOENT]);

const STARTING = 'starting the log process';

const NOTHING = { stdio: [-1, -1, -1], controlling: false, opened: [] } as const;

/** Something to be said; encoded when it is its turn. Undefined: there is no more need for it. */
export type LogMessage = () => { readonly bytes: Buffer; readonly fds: readonly number[] } | undefined;

export interface LogProcessEvents {
  readonly onNotice: (notice: LogNotice, fds: readonly number[]) => void;
  /** It has ended or wants nothing to do with us. Nothing comes after this. */
  readonly onGone: () => void;
}

/** It leaves itself to init at once: its end will be nobody's news. */
const startProgram = (theirs: number, address: string | undefined): void => {
  const descriptors = new Descriptors();
  try {
    const spec = {
      argv: [PROGRAM, String(theirs), ...(address === undefined ? [] : [address])],
      env: [],
      console: { kind: 'none' },
      inheritFds: [theirs],
    } as const;
    const result = native.spawn(makePlan(spec, prepare(spec, NOTHING, { ok: true, identity: {} }, descriptors)));
    if (typeof result !== 'number') throw new SystemError(STARTING, 'errno' in result ? result.errno : 0, PROGRAM);
    checked(native.logReap(result), STARTING, PROGRAM);
  } finally {
    descriptors.close();
  }
};

/** A connection to a log process: what it is told is queued while it can't take it. */
export class LogProcess {
  readonly fd: number;
  readonly #events: LogProcessEvents;
  readonly #watch: FdWatch;
  readonly #queue: LogMessage[] = [];
  readonly #buffer = Buffer.alloc(LOG_MESSAGE_MAX);
  #open = true;

  private constructor(fd: number, events: LogProcessEvents) {
    this.fd = fd;
    this.#events = events;
    this.#watch = watchFd(fd, { readable: true }, () => this.#turn()).unref();
    this.send(() => ({ bytes: encodeRequest('hello', 0, LOG_PROTOCOL), fds: [] }));
  }

  /** @throws SystemError when it can't be started */
  static start(events: LogProcessEvents, address?: string): LogProcess {
    const pair = native.logSocketPair();
    if (typeof pair === 'number') throw new SystemError('socketpair', -pair);
    try {
      startProgram(pair.theirs, address);
      return new LogProcess(pair.ours, events);
    } catch (error) {
      native.closeFd(pair.ours);
      throw error;
    } finally {
      native.closeFd(pair.theirs);
    }
  }

  /**
   * One that listens at an address; undefined when none does.
   * @throws SystemError `EPERM` when another user listens there
   */
  static connect(events: LogProcessEvents, address: string): LogProcess | undefined {
    const fd = native.logConnect(address);
    if (fd < 0 && NOBODY.has(-fd)) return undefined;
    if (fd < 0) throw new SystemError('connect', -fd, address);
    const { uid } = peerCredentials(fd);
    if (uid === 0 || uid === process.geteuid?.()) return new LogProcess(fd, events);
    native.closeFd(fd);
    throw new SystemError('connect', constants.errno.EPERM, address);
  }

  /** The other end of a socket that was kept over an `exec`. */
  static inherit(events: LogProcessEvents, fd: number): LogProcess {
    return new LogProcess(fd, events);
  }

  send(message: LogMessage): void {
    this.#queue.push(message);
    if (this.#queue.length === 1) this.#flush();
  }

  /** Whether the event loop waits for it. */
  hold(keep: boolean): void {
    if (!this.#open) return;
    if (keep) this.#watch.ref();
    else this.#watch.unref();
  }

  /** Handle notices here and now until one is `last`, or for so long. */
  waitFor(last: () => boolean, timeoutMs: number): void {
    const end = performance.now() + timeoutMs;
    while (this.#open && !last()) {
      const left = end - performance.now();
      if (left <= 0) return;
      this.#flush();
      native.logWait(this.fd, this.#queue.length > 0 ? Math.min(left, 10) : Math.ceil(left));
      this.#receiveAll();
    }
  }

  /** Everything has been said. */
  get isIdle(): boolean {
    return this.#queue.length === 0;
  }

  /** Nothing is said or heard any more; with `keepOpen` the descriptor is somebody else's now. */
  close({ keepOpen = false } = {}): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
    if (!keepOpen) native.closeFd(this.fd);
  }

  #turn(): void {
    this.#receiveAll();
    this.#flush();
  }

  #gone(): void {
    if (!this.#open) return;
    this.close();
    this.#events.onGone();
  }

  #flush(): void {
    while (this.#open) {
      const message = this.#queue[0]?.();
      if (message !== undefined) {
        const sent = native.socketSend(this.fd, message.bytes, 0, message.fds);
        if (BUSY.has(-sent)) break;
        // Any other failure: nobody is there any more, and the end of the stream will tell so.
      }
      if (this.#queue.shift() === undefined) break;
    }
    if (this.#open) this.#watch.update({ readable: true, writable: this.#queue.length > 0 });
  }

  #receiveAll(): void {
    while (this.#open) {
      const fds: number[] = [];
      const length = native.socketReceive(this.fd, this.#buffer, fds);
      if (length === -EAGAIN) return;
      // Told before what the other end has said last.
      if (length === -ECONNRESET) continue;
      if (length <= 0) {
        this.#gone();
        return;
      }
      const notice = decodeNotice(this.#buffer.subarray(0, length));
      if (notice === undefined) for (const fd of fds) native.closeFd(fd);
      else this.#events.onNotice(notice, fds);
    }
  }
}
