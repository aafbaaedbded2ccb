import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalLine, journalFileName } from '@maverick/engine';
import { type LineFilter, parseLine } from './journal-text.js';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** A file of a journal that is there. */
export interface JournalFile {
  readonly fd: number;
  readonly inode: number;
  readonly size: number;
}

/** @returns undefined where there is none of this age */
export const openJournalFile = (dir: string, age: number): JournalFile | undefined => {
  try {
    const fd = openSync(join(dir, journalFileName(age)), 'r');
    const { ino: inode, size } = fstatSync(fd);
    return { fd, inode, size };
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
  for (let age = 0; ; age += 1) {
    const file = openJournalFile(dir, age);
    if (file === undefined) return;
    if (met.has(file.inode)) closeSync(file.fd);
    else yield file;
    met.add(file.inode);
  }
}

/** The whole lines of a file. The last one counts even without its newline. */
function* linesOf({ fd, size }: JournalFile): Iterable<string> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest: Buffer[] = [];
  for (let offset = 0; offset < size; ) {
    const bytes = readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, size - offset), offset);
    if (bytes === 0) break;
    offset += bytes;
    const end = chunk.subarray(0, bytes).lastIndexOf(NEWLINE);
    // A copy: the chunk is read into again.
    if (end < 0) {
      rest.push(Buffer.from(chunk.subarray(0, bytes)));
      continue;
    }
    yield* Buffer.concat([...rest, chunk.subarray(0, end)])
      .toString()
      .split('\n');
    rest = [Buffer.from(chunk.subarray(end + 1, bytes))];
  }
  const last = Buffer.concat(rest).toString();
  if (last !== '') yield last;
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
    for (const file of files) {
      for (const text of linesOf(file)) {
        const line = text === '' ? undefined : parseLine(text, filter);
        if (line !== undefined) yield line;
      }
    }
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}
