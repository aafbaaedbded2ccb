import { closeSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalLine, journalFileName } from '@maverick/engine';
import { watchInotify } from '@maverick/spawner';
import { type JournalFile, journalAges, openJournalFile } from './journal-files.js';
import { type LineFilter, LineReader } from './journal-text.js';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Reads what is appended to a file. */
class Growing {
  readonly inode: number;
  readonly #fd: number;
  #offset: number;
  #rest = Buffer.alloc(0);
  #open = true;

  constructor({ fd, inode }: JournalFile, offset: number) {
    this.#fd = fd;
    this.#offset = offset;
    this.inode = inode;
  }

  *lines(): Iterable<string> {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let bytes = this.#read(chunk); bytes > 0; bytes = this.#read(chunk)) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, bytes)]);
      for (let newline = this.#rest.indexOf(NEWLINE); newline >= 0; newline = this.#rest.indexOf(NEWLINE)) {
        yield this.#rest.subarray(0, newline).toString();
        this.#rest = this.#rest.subarray(newline + 1);
      }
    }
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  /** Whoever is told a line may end it all. */
  #read(chunk: Buffer): number {
    if (!this.#open) return 0;
    const bytes = readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
    this.#offset += bytes;
    return bytes;
  }
}

/** Follows the present file of a journal, and what comes after it. */
class Follower {
  readonly #dir: string;
  readonly #tell: (text: string) => void;
  #file: Growing | undefined;

  constructor(dir: string, tell: (text: string) => void) {
    this.#dir = dir;
    this.#tell = tell;
    // While files are put away the newest is not there yet.
    const [newest = 0] = journalAges(dir);
    this.#file = this.#open(newest, ({ size }) => size);
  }

  /** Tell what has been written since. */
  look(): void {
    for (const text of this.#file?.lines() ?? []) this.#tell(text);
  }

  /** The present file was put away: go on to the one after it, and so on to the newest. */
  goOn(): void {
    this.look();
    for (let age = this.#ageOf(this.#file) - 1; age >= 0; age -= 1) {
      this.close();
      this.#file = this.#open(age, () => 0);
      this.look();
    }
  }

  close(): void {
    this.#file?.close();
  }

  /** Of a file that is gone, or of none, as if it were just older than all that there are. */
  #ageOf(file: Growing | undefined): number {
    for (let age = 0; ; age += 1) {
      const stats = statSync(join(this.#dir, journalFileName(age)), { throwIfNoEntry: false });
      if (stats === undefined || stats.ino === file?.inode) return age;
    }
  }

  #open(age: number, from: (file: JournalFile) => number): Growing | undefined {
    const file = openJournalFile(this.#dir, age);
    return file && new Growing(file, from(file));
  }
}

/**
 * Hear every line that is written to the journal of a directory from now on, across rotations; the directory must exist. Keeps
 * the process alive until it is ended.
 * @returns what ends it
 * @throws the system's error where the directory can't be watched
 */
export const followJournal = (
  dir: string,
  listener: (line: JournalLine) => void,
  filter: LineFilter = {},
): (() => void) => {
  const reader = new LineReader(filter);
  let ended = false;
  const tell = (text: string): void => {
    const line = ended ? undefined : reader.read(text);
    if (line !== undefined) listener(line);
  };
  const follower = new Follower(dir, tell);
  const inotify = watchInotify((events) => {
    const isNew = events.some((event) => event.kind === 'create' && event.name === journalFileName(0));
    if (isNew) follower.goOn();
    else follower.look();
  });
  inotify.add(dir, ['create', 'modify'], { onlyDirectory: true });
  return () => {
    ended = true;
    inotify.close();
    follower.close();
  };
};
