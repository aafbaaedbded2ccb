import { constants } from 'node:os';
import { type NativeNews, type NativeWatch, native } from './native.js';
import type { ChildEvent } from './process-spec.js';
import { SystemError } from './system-error.js';

/** `si_code` of a SIGCHLD, by number: waitid(2). */
const EVENT_OF_CODE: Readonly<Record<number, (pid: number, status: number) => ChildEvent>> = {
  1: (pid, status) => ({ kind: 'exited', pid, code: status }),
  2: (pid, status) => ({ kind: 'signalled', pid, signal: status, core: false }),
  3: (pid, status) => ({ kind: 'signalled', pid, signal: status, core: true }),
  5: (pid, status) => ({ kind: 'stopped', pid, signal: status }),
  6: (pid) => ({ kind: 'continued', pid }),
};

/** How much news is passed on before the event loop gets its turn. */
const BATCH = 256;

const watchSignal = (signal: number, callback: () => void): NativeWatch => {
  const watch = native.signalStart(signal, callback);
  if (typeof watch === 'number') throw new SystemError('watching SIGCHLD', -watch);
  return watch;
};

/** True for the last event of a process. */
export const isEnd = (event: ChildEvent): boolean => event.kind === 'exited' || event.kind === 'signalled';

/**
 * The one place that waits for children. Woken by SIGCHLD, it asks the kernel for news until there is none: signals
 * may be merged, news is not.
 *
 * News is only passed on from the event loop, never while a caller's code runs.
 */
export class ChildWatcher {
  readonly #reapStrangers: boolean;
  readonly #onNews: (event: ChildEvent) => void;
  readonly #watch: NativeWatch;
  readonly #own = new Set<number>();
  #closed = false;

  constructor(options: { readonly reapStrangers: boolean; readonly onNews: (event: ChildEvent) => void }) {
    this.#reapStrangers = options.reapStrangers;
    this.#onNews = options.onNews;
    this.#watch = watchSignal(constants.signals.SIGCHLD, () => this.#collect());
    // Children that ended before there was a watch sent their signal to nobody.
    setImmediate(() => this.#collect());
  }

  /** A child to wait for. */
  add(pid: number): void {
    this.#own.add(pid);
  }

  /** The same for a child that somebody else has made: there may be news of it already. */
  adopt(pid: number): void {
    this.#own.add(pid);
    if (!this.#reapStrangers) setImmediate(() => this.#collectOf(pid));
  }

  /** Wait for nobody any more. */
  close(): void {
    this.#closed = true;
    native.watchClose(this.#watch);
  }

  #collect(): void {
    for (const pid of this.#reapStrangers ? [0] : [...this.#own]) this.#collectOf(pid);
  }

  #collectOf(pid: number): void {
    for (let count = 0; !this.#closed; count++) {
      if (count === BATCH) {
        setImmediate(() => this.#collectOf(pid));
        return;
      }
      const news = native.waitChild(pid);
      if (typeof news === 'number') return;
      this.#pass(news);
    }
  }

  #pass({ pid, code, status }: NativeNews): void {
    const event = EVENT_OF_CODE[code]?.(pid, status);
    if (event === undefined) return;
    if (isEnd(event)) this.#own.delete(pid);
    try {
      this.#onNews(event);
    } catch (error) {
      // One listener's error must not lose the other children's news: it becomes an uncaught exception of its own.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
