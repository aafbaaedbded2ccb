import { readSync } from 'node:fs';
import type { JournalKind, JournalLine } from '@maverick/engine';
import { type JournalFile, lineAt } from './journal-files.js';

const CHUNK_BYTES = 512 * 1024;
/** What comes before the kind of a line is much shorter. */
const HEADING_BYTES = 1024;
const NEWLINE = 10;

/** A line, and the byte of its file at which it begins. */
export interface PlacedLine {
  readonly line: JournalLine;
  readonly offset: number;
}

/** Where these bytes are in a file, the last first. */
function* placesOf({ fd, size }: JournalFile, bytes: Buffer): Iterable<number> {
  // Chunks overlap by what may lie across an edge.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES + bytes.length - 1);
  for (let end = size; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const read = readSync(fd, chunk, 0, Math.min(size, end + bytes.length - 1) - start, start);
    const text = chunk.subarray(0, read);
    const places: number[] = [];
    for (let at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, at + 1)) places.unshift(start + at);
    yield* places;
  }
}

/** @returns undefined where this is not in a line's heading */
const beginningOfLine = ({ fd }: JournalFile, place: number): number | undefined => {
  const from = Math.max(0, place - HEADING_BYTES);
  const before = Buffer.alloc(place - from);
  readSync(fd, before, 0, before.length, from);
  const newline = before.lastIndexOf(NEWLINE);
  return newline < 0 && from > 0 ? undefined : from + newline + 1;
};

/** The lines of one kind in a file, the last first: nothing else is looked at. */
export function* linesOfKind(file: JournalFile, kind: JournalKind): Iterable<PlacedLine> {
  for (const place of placesOf(file, Buffer.from(`"what":"${kind}"`))) {
    const offset = beginningOfLine(file, place);
    if (offset === undefined) continue;
    const line = lineAt(file, offset);
    if (line?.what === kind) yield { line, offset };
  }
}
