import { constants } from 'node:os';
import { endOf, foreignStatus } from './foreign-status.js';
import { type NativeNews, type NativeWatch, native } from './native.js';
import { PidfdSet } from './pidfd-set.js';
import type { ChildEvent } from './process-spec.js';
import { readProcess } from './process-table.js';
import { SystemError } from './system-error.js';

/** `si_code` of a SIGCHLD, by number: waitid(2). */
const EVENT_OF_CODE: Readonly<Record<number, (pid: number, status: number) => ChildEvent>> = {
  1: (pid, status) => ({ kind: 'exited', pid, code: status }),
  2: (pid, status) => ({ kind: 'signalled', pid, signal: status, core: false }),
  3: (pid, status) => ({ kind: 'signalled', pid, signal: status, core: true }),
  5: (pid, status) => ({ kind: 'stopped', pid, signal: status }),
  6: (pid) => ({ kind: 'continued', pid }),
};

/** `CLD_TRAPPED`: news for a tracer. */
const TRAPPED = 4;

/** How much news is passed on before the event loop gets its turn. */
const BATCH = 256;

/** How long the parent of somebody else's child is waited for, so that the kernel may tell the status. */
const FOREIGN_WAIT_MS = 1000;

const { ECHILD, ESRCH } = constants.errno;

const watchSignal = (signal: number, callback: () => void): NativeWatch => {
  const watch = native.signalStart(signal, callback);
  if (typeof watch === 'number') throw new SystemError('watching SIGCHLD', -watch);
  return watch;
};

/** True for the last event of a process. */
export const isEnd = (event: ChildEvent): boolean =>
  event.kind === 'exited' || event.kind === 'signalled' || event.kind === 'vanished';

/** Processes that this thread traces: their news comes by the same wait(2) as that of children. */
export interface Tracees {
  /** What to ask for where not all children are waited for. */
  readonly tids: Iterable<number>;
  /**
   * A trap: never a job's stop.
   * @param status the low byte is a signal, what is above it an event of ptrace(2)
   * @returns who is traced from now on, too: there may be news of it already
   */
  trapped(tid: number, status: number): number | undefined;
  /** An end, whoever the parent is. Undefined: not one of these. */
  ended(event: ChildEvent): 'thread' | 'process' | undefined;
  /** True when nobody else is to hear that it goes on. */
  continued(pid: number): boolean;
}

export interface ChildWatcherOptions {
  readonly reapStrangers: boolean;
  readonly reportStrangers: boolean;
  readonly onNews: (event: ChildEvent) => void;
  /** Called before news of a process that is not known: whoever has others make children may learn of one now. */
  readonly onUnknown?: (pid: number) => void;
  readonly tracees?: Tracees;
}

/** `errno` is positive: ESRCH when there is no such process, or its number is another's by now. */
export type AdoptResult = { readonly ok: true } | { readonly ok: false; readonly errno: number };

/**
 * The one place that waits for processes. Woken by SIGCHLD, it asks the kernel for news of children until there is
 * none: signals may be merged, news is not. A descriptor for each process (pidfd) tells the end of what is not, or no
 * longer, a child of ours.
 *
 * News is only passed on from the event loop, never while a caller's code runs.
 */
export class ChildWatcher {
  readonly #options: ChildWatcherOptions;
  readonly #watch: NativeWatch;
  readonly #pidfds: PidfdSet;
  readonly #own = new Set<number>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #closed = false;

  constructor(options: ChildWatcherOptions) {
    this.#options = options;
    this.#watch = watchSignal(constants.signals.SIGCHLD, () => this.#collect());
    this.#pidfds = new PidfdSet((pid) => this.#endedSomehow(pid));
    // Children that ended before there was a watch sent their signal to nobody.
    setImmediate(() => this.#collect());
  }

  /** A child to wait for. */
  add(pid: number): void {
    this.#own.add(pid);
    this.#pidfds.add(pid);
  }

  /** The same for a child that somebody else has made: there may be news of it already. */
  addMade(pid: number): void {
    this.add(pid);
    if (!this.#options.reapStrangers) setImmediate(() => this.#collectOf(pid));
  }

  /**
   * Watch a process that may be anybody's child.
   * @param startTime as `processStartTime` tells it: refuses another process that has got the number
   */
  adopt(pid: number, startTime: number): AdoptResult {
    if (this.#own.has(pid)) return { ok: true };
    const result = this.#pidfds.add(pid);
    if (result < 0) return { ok: false, errno: -result };
    if (readProcess(pid)?.startTime !== startTime) {
      this.#pidfds.remove(pid);
      return { ok: false, errno: ESRCH };
    }
    this.#own.add(pid);
    return { ok: true };
  }

  has(pid: number): boolean {
    return this.#own.has(pid);
  }

  /** False when a process that is watched is gone for good, so that its number may be another's. */
  isThere(pid: number): boolean {
    return this.#pidfds.isThere(pid);
  }

  /** Wait for nobody any more. */
  close(): void {
    this.#closed = true;
    native.watchClose(this.#watch);
    this.#pidfds.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #collect(): void {
    if (this.#options.reapStrangers) this.#collectOf(0);
    else for (const pid of [...this.#own, ...(this.#options.tracees?.tids ?? [])]) this.#collectOf(pid);
  }

  /** @returns what the kernel answered when there was no more news: 0, or a negative errno */
  #collectOf(pid: number): number {
    for (let count = 0; !this.#closed; count++) {
      if (count === BATCH) {
        setImmediate(() => this.#collectOf(pid));
        break;
      }
      const news = native.waitChild(pid);
      if (typeof news === 'number') return news;
      this.#pass(news);
    }
    return 0;
  }

  #pass({ pid, code, status }: NativeNews): void {
    if (code === TRAPPED) {
      this.#trapped(pid, status);
      return;
    }
    const event = EVENT_OF_CODE[code]?.(pid, status);
    if (event === undefined) return;
    if (event.kind === 'continued' && this.#options.tracees?.continued(pid) === true) return;
    if (!(isEnd(event) && this.#isTracersOnly(event))) this.#tell(event);
  }

  #trapped(pid: number, status: number): void {
    let child: number | undefined;
    this.#guard(() => {
      child = this.#options.tracees?.trapped(pid, status);
    });
    if (child !== undefined && !this.#options.reapStrangers) this.#collectOf(child);
  }

  /**
   * A tracer is told of threads, too; and of the end of a process before its parent is, who still has to wait for it:
   * we again, if it is a child of ours by then, else its descriptor tells.
   */
  #isTracersOnly(event: ChildEvent): boolean {
    const kind = this.#options.tracees?.ended(event);
    return kind === 'thread' || (kind === 'process' && readProcess(event.pid) !== undefined);
  }

  #tell(event: ChildEvent): void {
    if (!this.#own.has(event.pid)) this.#guard(() => this.#options.onUnknown?.(event.pid));
    const own = this.#own.has(event.pid);
    if (isEnd(event)) this.#forget(event.pid);
    const { reapStrangers, reportStrangers } = this.#options;
    if (own || (reapStrangers && reportStrangers)) this.#guard(() => this.#options.onNews(event));
  }

  #forget(pid: number): void {
    this.#own.delete(pid);
    this.#pidfds.remove(pid);
    clearTimeout(this.#timers.get(pid));
    this.#timers.delete(pid);
  }

  /** One listener's error must not lose the other children's news: it becomes an uncaught exception of its own. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** By its descriptor: a child is waited for as ever, what is not ours (any more) has to be asked about otherwise. */
  #endedSomehow(pid: number): void {
    const answer = this.#collectOf(pid);
    if (!this.#own.has(pid)) return;
    if (answer !== -ECHILD) this.#pidfds.awaitReaped(pid);
    else this.#foreignEnd(pid);
  }

  #foreignEnd(pid: number): void {
    const status = foreignStatus(pid, () => this.#pidfds.status(pid));
    if (status !== undefined) {
      this.#tell(endOf(pid, status));
      return;
    }
    if (this.#timers.has(pid) || !this.#pidfds.isThere(pid)) {
      this.#tell({ kind: 'vanished', pid });
      return;
    }
    this.#pidfds.awaitReaped(pid);
    this.#timers.set(
      pid,
      setTimeout(() => this.#foreignEnd(pid), FOREIGN_WAIT_MS),
    );
  }
}
