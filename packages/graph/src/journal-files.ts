import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalLine, journalFileName } from '@maverick/engine';
import { type LineFilter, LineReader } from './journal-text.js';

const CHUNK_BYTES = 512 * 1024;
const NEWLINE = 10;

/** A file of a journal that is there. */
export interface JournalFile {
  readonly fd: number;
  readonly inode: number;
  readonly size: number;
}

const FILE_NAME = /^journal(?:\.([1-9]\d{0,3}))?\.jsonl$/;

/**
 * The ages of a journal's files that are in a directory, the newest first. 0 may be missing: a crash while files are put away
 * leaves it so, and so does a copy of the older ones.
 * @returns none where there is no journal, or no such directory
 * @throws the system's error where the directory can't be read
 */
export const journalAges = (dir: string): number[] => {
  try {
    const matches = readdirSync(dir).map((name) => FILE_NAME.exec(name));
    return matches.flatMap((match) => (match ? Number(match[1] ?? 0) : [])).sort((one, other) => one - other);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** Something that has the name of a journal's file and is none: a directory, a pipe. */
export class NoJournalFileError extends Error {
  static {
    Object.defineProperty(NoJournalFileError.prototype, 'name', { value: 'NoJournalFileError' });
  }

  readonly code = 'no-journal-file';
  readonly path: string;

  constructor(path: string) {
    super(`${path}: Not a regular file: it can't be one of a journal. Move it away`);
    this.path = path;
  }
}

/**
 * @returns undefined where there is none of this age
 * @throws NoJournalFileError; the system's error where it can't be read
 */
export const openJournalFile = (dir: string, age: number): JournalFile | undefined => {
  const path = join(dir, journalFileName(age));
  try {
    // Nobody waits for a writer of a pipe.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (stats.isFile()) return { fd, inode: stats.ino, size: stats.size };
    closeSync(fd);
    throw new NoJournalFileError(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * The files of a journal, the newest first, from one moment: one that is put away meanwhile is met twice, and taken once.
 * The caller closes them.
 */
export function* openJournalFiles(dir: string): Iterable<JournalFile> {
  const met = new Set<number>();
  const oldest = journalAges(dir).at(-1) ?? 0;
  // While files are put away there is one that is missing between others, and the oldest becomes older.
  for (let age = 0, missing = 0; age <= oldest || missing < 2; age += 1) {
    const file = openJournalFile(dir, age);
    missing = file === undefined ? missing + 1 : 0;
    if (file === undefined) continue;
    if (met.has(file.inode)) closeSync(file.fd);
    else yield file;
    met.add(file.inode);
  }
}

/** A place between lines: a file by its number, the oldest being 0, and a byte in it. */
export interface JournalPoint {
  readonly file: number;
  readonly offset: number;
}

/** Texts of whole lines, many in each, without the newline at its end. The last line counts even without one. */
function* textsOf({ fd }: JournalFile, from: number, to: number, atOnce = CHUNK_BYTES): Iterable<string> {
  let chunk = Buffer.allocUnsafe(atOnce);
  /** So many bytes of a line whose end is still to come are at the beginning of the chunk. */
  let kept = 0;
  for (let offset = from; offset < to; ) {
    // A line that is longer than all of it.
    if (kept === chunk.length) chunk = Buffer.concat([chunk], chunk.length * 2);
    const bytes = readSync(fd, chunk, kept, Math.min(chunk.length - kept, to - offset), offset);
    if (bytes === 0) break;
    offset += bytes;
    const filled = kept + bytes;
    const end = chunk.subarray(kept, filled).lastIndexOf(NEWLINE) + kept;
    if (end < kept) {
      kept = filled;
      continue;
    }
    yield chunk.toString('utf8', 0, end);
    chunk.copyWithin(0, end + 1, filled);
    kept = filled - end - 1;
  }
  if (kept > 0) yield chunk.toString('utf8', 0, kept);
}

/** The lines of one file that fit, from one byte to another. */
function* linesOf(file: JournalFile, filter: LineFilter, from = 0, to = file.size): Iterable<JournalLine> {
  const reader = new LineReader(filter);
  for (const text of textsOf(file, from, to)) {
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      const line = end > start ? reader.read(text, start, end) : undefined;
      if (line !== undefined) yield line;
      start = end + 1;
    }
  }
}

const LINE_BYTES = 8 * 1024;

/** The line that begins at a byte. @returns undefined for one that was torn */
export const lineAt = (file: JournalFile, offset: number): JournalLine | undefined => {
  const [text = ''] = textsOf(file, offset, file.size, LINE_BYTES);
  const [line = ''] = text.split('\n', 1);
  return new LineReader({}).read(line);
};

/** The lines of files, the oldest first, that fit, from one point to another. */
export function* linesBetween(
  files: readonly JournalFile[],
  filter: LineFilter,
  from: JournalPoint = { file: 0, offset: 0 },
  to: JournalPoint = { file: files.length, offset: 0 },
): Iterable<JournalLine> {
  for (const [index, file] of files.entries()) {
    if (index < from.file || index > to.file) continue;
    yield* linesOf(file, filter, index === from.file ? from.offset : 0, index === to.file ? to.offset : file.size);
  }
}

/**
 * The lines of a directory's journal that fit, the oldest first, as they were in the moment of the call, while it may be
 * written to.
 * @returns none where there is no journal
 * @throws the system's error where it can't be read
 */
export function* journalLines(dir: string, filter: LineFilter = {}): Iterable<JournalLine> {
  const files = [...openJournalFiles(dir)].reverse();
  try {
    yield* linesBetween(files, filter);
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}
