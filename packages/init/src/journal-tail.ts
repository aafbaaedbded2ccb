import type { JournalModel } from '@maverick/dbus';
import { fitsFilter, type JournalFilter, type JournalLine } from '@maverick/engine';
import type { JournalSink } from '@maverick/supervisor';

/** So many lines are at hand; older ones are in the journal's files, where there are any. */
const KEPT_LINES = 1000;

interface Follower {
  readonly filter: JournalFilter;
  readonly listener: (line: string) => void;
}

const textOf = (line: JournalLine): string => {
  try {
    return JSON.stringify(line);
  } catch (error) {
    const { at, time, what } = line;
    return JSON.stringify({ at, time, what, unwritable: String(error) });
  }
};

/**
 * The newest lines of the journal in memory, for clients that ask and clients that follow. All lines go on to `sink`.
 * Without one, nothing is kept before the first client has asked: what nobody reads must not cost anything.
 */
export class JournalTail implements JournalSink, JournalModel {
  readonly #sink: JournalSink | undefined;
  /** A ring: the line at `#next` is the oldest once it is full. */
  readonly #lines: JournalLine[] = [];
  #next = 0;
  readonly #followers = new Set<Follower>();
  #wanted: boolean;

  constructor(sink: JournalSink | undefined) {
    this.#sink = sink;
    this.#wanted = sink !== undefined;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  write(line: JournalLine): void {
    this.#sink?.write(line);
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % KEPT_LINES;
    if (this.#followers.size === 0) return;
    const text = textOf(line);
    for (const { filter, listener } of this.#followers) if (fitsFilter(line, filter)) listener(text);
  }

  moveTo(dir: string | undefined): Promise<void> {
    return this.#sink?.moveTo?.(dir) ?? Promise.resolve();
  }

  written(): Promise<void> {
    return this.#sink?.written?.() ?? Promise.resolve();
  }

  closeNow(): void {
    this.#sink?.closeNow?.();
  }

  close(): Promise<void> {
    return this.#sink?.close() ?? Promise.resolve();
  }

  place(answer: (dir: string | undefined) => void): void {
    const told = (): void => answer(this.#sink?.dir);
    this.written().then(told, told);
  }

  tail(filter: JournalFilter, count: number): readonly string[] {
    this.#wanted = true;
    const inOrder = [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
    const fitting = inOrder.filter((line) => fitsFilter(line, filter));
    return fitting.slice(Math.max(0, fitting.length - count)).map(textOf);
  }

  follow(filter: JournalFilter, listener: (line: string) => void): () => void {
    this.#wanted = true;
    const follower = { filter, listener };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}
