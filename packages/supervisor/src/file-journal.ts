import { write, writeSync } from 'node:fs';
import { SYSTEM } from '@maverick/engine';
import { systemClock } from './clock.js';
import type { JournalEntry, JournalSink } from './journal.js';
import { type JournalBounds, JournalFiles, keptBytes } from './journal-files.js';
import { JournalShares, sessionOfEntry } from './journal-shares.js';
import { makeDirectory } from './make-directory.js';

/** So many lines may wait for a slow disk, or for the end of a long turn of the event loop; more are dropped and counted. */
const PENDING_LINES = 131_072;

/** So many lines are made text in one turn of the event loop: a millisecond or two. */
const LINES_A_TURN = 500;

const droppedText = (lines: number, session?: string): string =>
  JSON.stringify({ what: 'journal-dropped', lines, session });

/** A snapshot is not to take the room of what it is for: one that is longer than this part of a file is left out. */
const SNAPSHOT_SHARE = 1 / 2;

const linesIn = (text: Uint8Array): number => text.reduce((count, byte) => count + Number(byte === 10), 0);

/**
 * A journal in files: JSON lines, appended. Lines are collected; later, between other things, they are made text and written
 * by Node's thread pool, so that a journal never holds up a job. While the disk takes nothing, lines are dropped; the next line
 * that can be written tells how many.
 */
export class FileJournal implements JournalSink {
  readonly #bounds: JournalBounds;
  readonly #shares: JournalShares;
  /** Undefined while nothing is to be written anywhere. */
  #files: JournalFiles | undefined;
  #pending: JournalEntry[] = [];
  /** Those before it have been taken. */
  #next = 0;
  #dropped = 0;
  #wantsSnapshot: boolean;
  #writing = false;
  /** What waits for the present write: to close, or to write elsewhere. */
  #after: (() => void)[] = [];
  #closed = false;

  /** @throws SupervisorError `JournalInUse`; the system's error where the file can't be opened */
  constructor(dir: string, bounds: JournalBounds = {}) {
    this.#bounds = bounds;
    this.#shares = new JournalShares(keptBytes(bounds), bounds.clock ?? systemClock);
    this.#files = this.#open(dir);
    this.#wantsSnapshot = this.#files.isEmpty;
  }

  /** In a new file, until one is there. */
  get wantsSnapshot(): boolean {
    return this.#wantsSnapshot && this.#files !== undefined && !this.#closed;
  }

  snapshot(text: string | undefined): void {
    this.#wantsSnapshot = false;
    if (text === undefined || text.length > keptBytes({ ...this.#bounds, files: 1 }) * SNAPSHOT_SHARE) return;
    this.write({ what: 'snapshot', session: SYSTEM, text: () => text });
  }

  get dir(): string | undefined {
    return this.#files?.dir;
  }

  write(entry: JournalEntry): void {
    if (this.#closed || this.#files === undefined) return;
    if (this.#pending.length - this.#next >= (this.#bounds.pendingLines ?? PENDING_LINES)) {
      this.#dropped += 1;
      return;
    }
    this.#pending.push(entry);
    this.#flush();
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#switch(() => undefined);
  }

  written(): Promise<void> {
    return new Promise((resolve) => {
      this.#after.push(resolve);
      this.#flush();
    });
  }

  /** Of a write that is under way in this moment nobody waits for the end: see {@link written}. */
  closeNow(): void {
    const files = this.#files;
    this.#closed = true;
    this.#files = undefined;
    if (files === undefined) return;
    try {
      while (this.#pending.length > 0) {
        const text = this.#take(files);
        for (let at = 0; at < text.length; ) at += writeSync(files.fd, text, at);
        files.isTorn = false;
      }
    } catch {
      // The disk takes nothing: these lines are lost, as others are then.
    }
    files.close();
  }

  /**
   * Write elsewhere from now on, or nowhere: what has been told is written first, then the old file is closed, so that its file
   * system can be unmounted.
   * @throws (rejects) the system's error; the journal stays where it is then
   */
  moveTo(dir: string | undefined): Promise<void> {
    return this.#switch(() => (dir === undefined ? undefined : this.#openOther(dir)));
  }

  /** Where we are already, nothing is to be opened: the directory is locked, by us. */
  #openOther(dir: string): JournalFiles {
    return this.#files?.dir === dir ? this.#files : this.#open(dir);
  }

  #open(dir: string): JournalFiles {
    makeDirectory(dir, 0o700);
    return new JournalFiles(dir, this.#bounds);
  }

  #switch(open: () => JournalFiles | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#after.push(() => {
        try {
          const next = open();
          if (next !== this.#files) this.#files?.close();
          this.#wantsSnapshot = next !== undefined && (this.#wantsSnapshot || next !== this.#files);
          this.#files = next;
          resolve();
        } catch (error) {
          reject(error);
        }
      });
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing) return;
    if (this.#pending.length === 0 || this.#files === undefined) {
      for (const act of this.#after.splice(0)) act();
      return;
    }
    this.#writing = true;
    const files = this.#files;
    // One write for all the lines of this turn of the event loop.
    setImmediate(() => {
      if (this.#files === files) this.#writeSome(files);
    });
  }

  #writeSome(files: JournalFiles): void {
    const usable = this.#usable(files);
    if (usable !== undefined) {
      const data = this.#take(usable);
      if (data.length > 0) this.#writeAll(usable, data);
      else this.#written(usable);
      return;
    }
    this.#dropped += this.#pending.length - this.#next;
    this.#forget();
    this.#writing = false;
    this.#flush();
  }

  #take(files: JournalFiles): Buffer {
    let text = files.isTorn ? '\n' : '';
    if (this.#dropped > 0) text += `${droppedText(this.#dropped)}\n`;
    this.#dropped = 0;
    const end = Math.min(this.#next + LINES_A_TURN, this.#pending.length);
    for (let index = this.#next; index < end; index += 1) text += this.#textOf(index);
    this.#next = end;
    if (this.#next >= this.#pending.length) this.#forget();
    return Buffer.from(text === '\n' ? '' : text);
  }

  /** A line, after what is to be said before it; nothing where its session has had its share. */
  #textOf(index: number): string {
    const entry = this.#pending[index];
    if (entry === undefined) return '';
    const text = `${entry.text()}\n`;
    const session = sessionOfEntry(entry, this.#pending[index + 1]);
    if (session === SYSTEM) return text;
    const leftOut = this.#shares.take(session, Buffer.byteLength(text));
    if (leftOut === undefined) return '';
    return leftOut === 0 ? text : `${droppedText(leftOut, session)}\n${text}`;
  }

  #forget(): void {
    this.#pending = [];
    this.#next = 0;
  }

  #writeAll(files: JournalFiles, data: Buffer): void {
    write(files.fd, data, (error, written) => {
      if (error !== null) {
        this.#dropped += linesIn(data);
        return this.#written(files);
      }
      files.grew(written);
      files.isTorn = data[written - 1] !== 10;
      if (written < data.length) return this.#writeAll(files, data.subarray(written));
      this.#written(files);
    });
  }

  #written(files: JournalFiles): void {
    this.#usable(files);
    this.#writing = false;
    this.#flush();
  }

  /**
   * What to write to: where it is full a new file, where somebody has removed it another one of the same name. Undefined as long
   * as that can't be had: a journal never grows beyond its bounds, and what nobody can read is not written.
   */
  #usable(files: JournalFiles): JournalFiles | undefined {
    try {
      if (files.isGone) {
        makeDirectory(files.dir, 0o700);
        files.renew();
        this.#wantsSnapshot = true;
      } else if (files.isFull) {
        files.rotate();
        this.#wantsSnapshot = true;
      }
      return files;
    } catch {
      return undefined;
    }
  }
}

/**
 * Open (or go on with) the journal of a directory, which is created where it is missing, with mode 0700.
 * @throws SupervisorError `JournalInUse` where somebody else writes there; the system's error where the file can't be opened
 */
export const openJournal = (dir: string, bounds?: JournalBounds): FileJournal => new FileJournal(dir, bounds);
