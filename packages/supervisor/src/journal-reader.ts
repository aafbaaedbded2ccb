import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { watchInotify } from '@maverick/spawner';
import type { JournalLine } from './journal.js';
import { JOURNAL_FILE, journalPath } from './journal-files.js';

/** Which lines of a journal: those that fit all that is given. */
export interface JournalFilter {
  /** A line of this job, or an input for it. */
  readonly job?: string;
  readonly instance?: string;
  readonly what?: string;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** The job of a line: its own, or that of the input that it tells of. */
const jobOf = ({ job, input }: JournalLine): unknown =>
  job ?? (typeof input === 'object' && input !== null && 'job' in input ? input.job : undefined);

/** Whether a line is one of those that are asked for. */
export const fitsFilter = (line: JournalLine, { job, instance, what }: JournalFilter): boolean =>
  (job === undefined || jobOf(line) === job) &&
  (instance === undefined || line.instance === instance) &&
  (what === undefined || line.what === what);

/** Undefined for a line that was torn by a crash or a full disk. */
const parseLine = (text: string): JournalLine | undefined => {
  try {
    const line: unknown = JSON.parse(text);
    // Whatever has a `what` was written by a journal.
    return typeof line === 'object' && line !== null && 'what' in line ? (line as JournalLine) : undefined;
  } catch {
    return undefined;
  }
};

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** The whole lines of a file, the last first, without reading more of it than is asked for. */
function* linesFromEnd(fd: number): Iterable<string> {
  let rest = Buffer.alloc(0);
  for (let end = fstatSync(fd).size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = Buffer.alloc(end - start);
    const bytes = readSync(fd, chunk, 0, chunk.length, start);
    let text = Buffer.concat([chunk.subarray(0, bytes), rest]);
    for (let newline = text.lastIndexOf(NEWLINE); newline >= 0; newline = text.lastIndexOf(NEWLINE)) {
      if (newline + 1 < text.length) yield text.subarray(newline + 1).toString();
      text = text.subarray(0, newline);
    }
    rest = text;
    end = start;
  }
  if (rest.length > 0) yield rest.toString();
}

function* newestFirst(dir: string): Iterable<JournalLine> {
  for (let age = 0; ; age += 1) {
    const fd = openIfThere(journalPath(dir, age));
    if (fd === undefined) return;
    try {
      for (const text of linesFromEnd(fd)) {
        const line = parseLine(text);
        if (line !== undefined) yield line;
      }
    } finally {
      closeSync(fd);
    }
  }
}

/**
 * The newest lines of the journal of a directory, the oldest first, while it may be written to.
 * @param count how many at most
 * @returns none where there is no journal
 * @throws the system's error where it can't be read
 */
export const readJournal = (dir: string, count: number, filter: JournalFilter = {}): JournalLine[] => {
  const lines: JournalLine[] = [];
  if (count <= 0) return lines;
  for (const line of newestFirst(dir)) {
    if (!fitsFilter(line, filter)) continue;
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines.reverse();
};

/** Reads what is appended to a file. */
class Growing {
  readonly inode: number;
  readonly #fd: number;
  #offset: number;
  #rest = Buffer.alloc(0);
  #open = true;

  constructor(fd: number, offset: number, inode: number) {
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
    this.#file = this.#open(0, (size) => size);
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
      const stats = statSync(journalPath(this.#dir, age), { throwIfNoEntry: false });
      if (stats === undefined || stats.ino === file?.inode) return age;
    }
  }

  #open(age: number, from: (size: number) => number): Growing | undefined {
    const fd = openIfThere(journalPath(this.#dir, age));
    if (fd === undefined) return undefined;
    const { size, ino } = fstatSync(fd);
    return new Growing(fd, from(size), ino);
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
  filter: JournalFilter = {},
): (() => void) => {
  let ended = false;
  const tell = (text: string): void => {
    const line = ended ? undefined : parseLine(text);
    if (line !== undefined && fitsFilter(line, filter)) listener(line);
  };
  const follower = new Follower(dir, tell);
  const inotify = watchInotify((events) => {
    const isNew = events.some((event) => event.kind === 'create' && event.name === JOURNAL_FILE);
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
