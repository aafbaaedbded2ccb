import { closeSync, readSync } from 'node:fs';
import type { JournalLine } from '@maverick/engine';
import { type JournalFile, openJournalFiles } from './journal-files.js';
import { type LineFilter, LineReader } from './journal-text.js';

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** The whole lines of a file, the last first, without reading more of it than is asked for. */
function* linesFromEnd({ fd, size }: JournalFile): Iterable<string> {
  let rest = Buffer.alloc(0);
  for (let end = size; end > 0; ) {
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

function* newestFirst(dir: string, filter: LineFilter): Iterable<JournalLine> {
  const reader = new LineReader(filter);
  for (const file of openJournalFiles(dir)) {
    try {
      for (const text of linesFromEnd(file)) {
        const line = reader.read(text);
        if (line !== undefined) yield line;
      }
    } finally {
      closeSync(file.fd);
    }
  }
}

/**
 * The newest lines of the journal of a directory that fit, the oldest first, while it may be written to.
 * @param count how many at most
 * @returns none where there is no journal
 * @throws the system's error where it can't be read
 */
export const readJournal = (dir: string, count: number, filter: LineFilter = {}): JournalLine[] => {
  const lines: JournalLine[] = [];
  if (count <= 0) return lines;
  for (const line of newestFirst(dir, filter)) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines.reverse();
};
