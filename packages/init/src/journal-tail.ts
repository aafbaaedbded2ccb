import type { JournalModel } from '@maverick/dbus';
import { fitsFilter, type JournalFilter, type JournalLine, SYSTEM } from '@maverick/engine';
import { type JournalSink, sessionOfLine } from '@maverick/supervisor';

/** So many lines of the system are at hand, and so many of all other sessions; older ones are in the journal's files, where there are any. */
const KEPT_LINES = 1000;

interface NumberedLine {
  readonly number: number;
  readonly line: JournalLine;
}

/** The newest lines. */
class Ring {
  /** The line at `#next` is the oldest once it is full. */
  readonly #lines: NumberedLine[] = [];
  #next = 0;

  push(line: NumberedLine): void {
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % KEPT_LINES;
  }

  get inOrder(): readonly NumberedLine[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
  }
}

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
  /** What happens in other sessions does not push out what is told of the system. */
  readonly #ofSystem = new Ring();
  readonly #ofOthers = new Ring();
  #filed = 0;
  /** The line whose session the next one may tell. */
  #newest: JournalLine | undefined;
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
    this.#file(line);
    this.#newest = line;
    if (this.#followers.size === 0) return;
    const text = textOf(line);
    for (const { filter, listener } of this.#followers) if (fitsFilter(line, filter)) listener(text);
  }

  /** Put the newest line to its like. */
  #file(next?: JournalLine): void {
    const line = this.#newest;
    this.#newest = undefined;
    if (line === undefined) return;
    this.#filed += 1;
    const ring = sessionOfLine(line, next) === SYSTEM ? this.#ofSystem : this.#ofOthers;
    ring.push({ number: this.#filed, line });
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
    this.#file();
    const fitting = [...this.#ofSystem.inOrder, ...this.#ofOthers.inOrder].filter(({ line }) =>
      fitsFilter(line, filter),
    );
    fitting.sort((a, b) => a.number - b.number);
    return fitting.slice(Math.max(0, fitting.length - count)).map(({ line }) => textOf(line));
  }

  follow(filter: JournalFilter, listener: (line: string) => void): () => void {
    this.#wanted = true;
    const follower = { filter, listener };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}
