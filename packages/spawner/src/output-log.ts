import { constants } from 'node:os';
import { LogDrains } from './log-drains.js';
import { LogProcess, type LogProcessEvents } from './log-process.js';
import {
  decodeEntry,
  encodeEntry,
  encodeRequest,
  type LogEntry,
  type LogNotice,
  type LogNoticeKind,
  type LogRequest,
} from './log-protocol.js';
import { Restarts } from './log-restarts.js';
import { LogTable } from './log-table.js';
import { LogTray } from './log-tray.js';
import { LOG_WARNINGS } from './log-warnings.js';
import type { SpawnWarning } from './spawn-warning.js';
import { errnoMessage, SystemError } from './system-error.js';

/** How a spawner's log process is found, and how long it is waited for. */
export interface LogOptions {
  /**
   * Where a daemon that did not start it finds the log process: a path or `@name`, for this user and root alone. With
   * it output goes on when this process is killed, and the next one takes the log process over. Absent: the log process
   * goes on as well, but nobody can find it.
   */
  readonly address?: string;
  /** The descriptor that `handOverLogs` gave before an `exec`. */
  readonly control?: number;
  /** How long the end of a process may wait until what it wrote is in its log. 2000 unless given. */
  readonly drainTimeoutMs?: number;
}

export interface OutputLogEvents {
  readonly onWarning: (warning: SpawnWarning) => void;
}

const DRAIN_TIMEOUT_MS = 2000;
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Moves output of processes to their log files, in a log process.
 *
 * It keeps each descriptor that it has given away, and what lies between reading and writing: a log process that ends is
 * replaced, and the next one goes on where it was.
 */
export class OutputLog {
  readonly #options: LogOptions;
  readonly #events: OutputLogEvents;
  readonly #logs = new LogTable();
  readonly #tray = new LogTray();
  readonly #drains: LogDrains;
  readonly #restarts = new Restarts(() => this.#restart());
  #process: LogProcess | undefined;
  /** While the logs of a process that was taken over are being listed: what could take their numbers waits. */
  #afterListing: (() => void)[] | undefined;
  #isClosed = false;
  #hasLeft = false;
  #isRefused = false;
  readonly #pausing: (() => void)[] = [];

  private constructor(options: LogOptions, events: OutputLogEvents) {
    const timeoutMs = options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS;
    this.#options = options;
    this.#events = events;
    this.#drains = new LogDrains(timeoutMs, () => events.onWarning(LOG_WARNINGS.hung(timeoutMs)));
  }

  /**
   * Take over the log process of the options, or start one.
   * @throws SystemError when it can't be started
   */
  static start(options: LogOptions, events: OutputLogEvents): OutputLog {
    const output = new OutputLog(options, events);
    if (!output.#takeOver()) output.resume();
    return output;
  }

  /** Take over the log process of the options; undefined when there is none. */
  static takeOver(options: LogOptions, events: OutputLogEvents): OutputLog | undefined {
    const output = new OutputLog(options, events);
    return output.#takeOver() ? output : undefined;
  }

  /**
   * Log what comes from descriptors until they end.
   * @param sources standard output, and standard error where it is apart; closed here
   * @param pid whose output it is
   */
  add(sources: readonly number[], settings: LogEntry['settings'], pid: number): void {
    this.#whenListed(() => {
      this.#sendAdd(this.#logs.add({ sources, settings, pid, firstSource: 0 }));
    });
  }

  /**
   * Call back, later, when everything that a process has written is in its log, or can't be waited for any longer.
   * @returns false when the process has no log: nothing is called back
   */
  drain(pid: number, drained: () => void): boolean {
    if (this.#afterListing !== undefined) {
      this.#whenListed(() => this.drain(pid, drained) || drained());
      return true;
    }
    const id = this.#logs.of(pid);
    if (id === undefined) return false;
    if (this.#isPaused()) setImmediate(drained);
    else this.#sendDrain(id, this.#drains.add(id, drained));
    return true;
  }

  /** From now on the output that was a process's is another's: a service has forked. */
  move(from: number, to: number): void {
    this.#whenListed(() => this.#logs.move(from, to));
  }

  /** Try again to write what is kept in memory. */
  flush(): void {
    this.#send('flush');
  }

  /** Open every file anew by its name at its next output. */
  reopen(): void {
    this.#send('reopen');
  }

  /** Let the log process write what is there, and end: it holds no file and no file system any more. */
  async pause(): Promise<void> {
    this.#restarts.close();
    if (this.#process === undefined) return;
    this.#process.hold(true);
    await new Promise<void>((resolve) => {
      this.#pausing.push(resolve);
      this.#send('end');
    });
  }

  /** Start a log process where there is none. @throws SystemError when it can't be started */
  resume(): void {
    if (this.#process !== undefined) return;
    this.#restarts.close();
    this.#isRefused = false;
    this.#process = LogProcess.start(this.#handlers(), this.#options.address);
    const process = this.#process;
    this.#tray.pass(
      (message) => process.send(message),
      () => {
        for (const id of this.#logs.ids) this.#sendAdd(id);
      },
    );
    for (const [id, token] of this.#drains) this.#sendDrain(id, token);
  }

  /** What is there is in the files when this returns, if the log process answers; it goes on while there is more. */
  close(): void {
    const process = this.#process;
    this.#isClosed = true;
    this.#restarts.close();
    this.#drains.close();
    this.#send('leave');
    process?.waitFor(() => this.#hasLeft, CLOSE_TIMEOUT_MS);
    process?.close();
    this.#process = undefined;
    for (const id of this.#logs.ids) this.#logs.remove(id);
    this.#tray.close();
  }

  /**
   * Leave the log process to the program that this process is about to become: nothing is closed.
   * @returns the descriptor to keep open; undefined when there is no log process now
   */
  handOver(): number | undefined {
    const process = this.#process;
    this.#isClosed = true;
    this.#restarts.close();
    process?.waitFor(() => process.isIdle, CLOSE_TIMEOUT_MS);
    process?.close({ keepOpen: true });
    this.#process = undefined;
    this.#drains.finishAll();
    return process?.fd;
  }

  #takeOver(): boolean {
    const { control, address } = this.#options;
    try {
      if (control !== undefined) this.#process = LogProcess.inherit(this.#handlers(), control);
      else if (address !== undefined) this.#process = LogProcess.connect(this.#handlers(), address);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#events.onWarning(LOG_WARNINGS.refused(address ?? 'its descriptor', error.message));
    }
    if (this.#process === undefined) return false;
    this.#afterListing = [];
    this.#send('list');
    return true;
  }

  #isPaused(): boolean {
    return this.#process === undefined && !this.#restarts.isPending;
  }

  #whenListed(act: () => void): void {
    if (this.#afterListing === undefined) act();
    else this.#afterListing.push(act);
  }

  #listed(): void {
    const waiting = this.#afterListing ?? [];
    this.#afterListing = undefined;
    for (const act of waiting) act();
  }

  #send(request: LogRequest, log = 0, number = 0): void {
    this.#process?.send(() => ({ bytes: encodeRequest(request, log, number), fds: [] }));
  }

  #sendAdd(id: number): void {
    this.#process?.send(() => {
      const log = this.#logs.get(id);
      return log && { bytes: encodeRequest('add', id, 0, encodeEntry(log)), fds: log.sources };
    });
  }

  #sendDrain(id: number, token: number): void {
    this.#process?.hold(true);
    this.#send('drain', id, token);
  }

  #handlers(): LogProcessEvents {
    return { onNotice: (notice, fds) => this.#onNotice(notice, fds), onGone: () => this.#onGone() };
  }

  #onNotice(notice: LogNotice, fds: readonly number[]): void {
    this.#notices[notice.kind](notice, fds);
    if (this.#drains.size === 0 && this.#pausing.length === 0) this.#process?.hold(false);
  }

  #onGone(): void {
    this.#process = undefined;
    if (this.#isClosed) return;
    if (this.#pausing.length === 0) this.#replace();
    this.#listed();
    for (const paused of this.#pausing.splice(0)) paused();
  }

  #replace(): void {
    if (!this.#isRefused) this.#events.onWarning(LOG_WARNINGS.ended());
    this.#restarts.schedule();
  }

  #restart(): void {
    try {
      this.resume();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#events.onWarning(LOG_WARNINGS.unstartable(error.message));
      this.#restarts.schedule();
    }
  }

  #onWelcome(listenError: number): void {
    if (listenError !== 0) this.#events.onWarning(LOG_WARNINGS.unreachable(this.#options.address ?? '', listenError));
  }

  #onRefused(errno: number, version: number): void {
    this.#isRefused = true;
    const where = this.#options.address ?? 'its descriptor';
    this.#events.onWarning(LOG_WARNINGS.refused(where, refusal(errno, version)));
  }

  #onEnded(id: number): void {
    this.#logs.remove(id);
    this.#drains.answered(id);
  }

  #onRejected(id: number, errno: number): void {
    this.#events.onWarning(LOG_WARNINGS.rejected(this.#logs.get(id)?.settings.path ?? '', errno));
    this.#onEnded(id);
  }

  #warnOf(kind: 'unwritable' | 'dropped' | 'unrotated', { number, payload }: LogNotice): void {
    this.#events.onWarning(LOG_WARNINGS[kind](payload.toString(), number));
  }

  readonly #notices = {
    welcome: ({ log }) => this.#onWelcome(log),
    refused: ({ log, number }) => this.#onRefused(log, number),
    drained: ({ log, number }) => this.#drains.answered(log, number),
    ended: ({ log }) => this.#onEnded(log),
    rejected: ({ log, number }) => this.#onRejected(log, number),
    listed: ({ log, payload }, fds) => this.#logs.keep(log, { ...decodeEntry(payload), sources: fds }),
    'list-end': () => this.#listed(),
    left: () => {
      this.#hasLeft = true;
    },
    unwritable: (notice) => this.#warnOf('unwritable', notice),
    dropped: (notice) => this.#warnOf('dropped', notice),
    unrotated: (notice) => this.#warnOf('unrotated', notice),
    tray: (_, fds) => this.#tray.keep(fds),
  } as const satisfies Record<LogNoticeKind, (notice: LogNotice, fds: readonly number[]) => void>;
}

const refusal = (errno: number, version: number): string =>
  errno === constants.errno.EPROTO ? `it speaks version ${version} of the protocol` : errnoMessage(errno);
