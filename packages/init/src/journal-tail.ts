import type { JournalModel } from '@maverick/dbus';
import { fitsFilter, type JournalFilter, type JournalLine, SYSTEM } from '@maverick/engine';
import { type JournalEntry, type JournalSink, sessionOfEntry } from '@maverick/supervisor';

/** So many lines of the system are at hand, and so many of all other sessions; older ones are in the journal's files, where there are any. */
const KEPT_LINES = 1000;

interface NumberedEntry {
  readonly number: number;
  readonly entry: JournalEntry;
}

/** The newest entries. They become lines when somebody asks for them. */
class Ring {
  /** The entry at `#next` is the oldest once it is full. */
  readonly #entries: NumberedEntry[] = [];
  #next = 0;

  push(entry: NumberedEntry): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % KEPT_LINES;
  }

  get inOrder(): readonly NumberedEntry[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}

interface Follower {
  readonly filter: JournalFilter;
  readonly listener: (line: string) => void;
}

const lineOf = (text: string): JournalLine => JSON.parse(text);

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
  /** The entry whose session the next one may tell. */
  #newest: JournalEntry | undefined;
  readonly #followers = new Set<Follower>();
  #wanted: boolean;

  constructor(sink: JournalSink | undefined) {
    this.#sink = sink;
    this.#wanted = sink !== undefined;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  get wantsSnapshot(): boolean {
    return this.#sink?.wantsSnapshot ?? false;
  }

  /** For who reads files: it is long, and whoever asks a daemon can ask it for how all is now. */
  snapshot(text: string | undefined): void {
    this.#sink?.snapshot?.(text);
  }

  write(entry: JournalEntry): void {
    this.#sink?.write(entry);
    this.#file(entry);
    this.#newest = entry;
    if (this.#followers.size === 0) return;
    const text = entry.text();
    const line = lineOf(text);
    for (const { filter, listener } of this.#followers) if (fitsFilter(line, filter)) listener(text);
  }

  /** Put the newest entry to its like. */
  #file(next?: JournalEntry): void {
    const entry = this.#newest;
    this.#newest = undefined;
    if (entry === undefined) return;
    this.#filed += 1;
    const ring = sessionOfEntry(entry, next) === SYSTEM ? this.#ofSystem : this.#ofOthers;
    ring.push({ number: this.#filed, entry });
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
    const kept = [...this.#ofSystem.inOrder, ...this.#ofOthers.inOrder].sort((a, b) => b.number - a.number);
    const fitting: string[] = [];
    for (const { entry } of kept) {
      if (fitting.length >= count) break;
      const text = entry.text();
      if (fitsFilter(lineOf(text), filter)) fitting.push(text);
    }
    return fitting.reverse();
  }

  follow(filter: JournalFilter, listener: (line: string) => void): () => void {
    this.#wanted = true;
    const follower = { filter, listener };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}
