import { closeSync } from 'node:fs';
import type { JournalLine } from '@maverick/engine';
import type { History } from './history.js';
import { HistoryReader } from './history-reader.js';
import { type JournalFile, type JournalPoint, journalLines, linesBetween, openJournalFiles } from './journal-files.js';
import type { LineFilter } from './journal-text.js';
import { linesOfKind } from './lines-of-kind.js';

/**
 * Whether a line begins another life of the daemon. A re-execution, or the daemon after one that crashed, goes on with the old
 * one; not where the state of that was lost: its events and inputs are counted anew.
 */
const isBeginning = ({ what, continued, inputs }: JournalLine): boolean =>
  what === 'began' && (continued !== true || inputs === 0);

/** A number that none of the boots in a journal has. */
export class NoSuchBootError extends Error {
  static {
    Object.defineProperty(NoSuchBootError.prototype, 'name', { value: 'NoSuchBootError' });
  }

  readonly code = 'no-such-boot';
  readonly boot: number;

  constructor(boot: number) {
    super(`The journal does not reach back to boot ${boot}`);
    this.boot = boot;
  }
}

/** Where lives of the daemon begin, the last first. */
function* beginnings(files: readonly JournalFile[]): Iterable<JournalPoint> {
  for (const [index, file] of [...files.entries()].reverse()) {
    for (const { line, offset } of linesOfKind(file, 'began')) if (isBeginning(line)) yield { file: index, offset };
  }
}

/** What comes before the first beginning is the end of a life. */
const hasLinesBefore = (files: readonly JournalFile[], point: JournalPoint): boolean => {
  for (const _ of linesBetween(files, {}, undefined, point)) return true;
  return false;
};

interface Stretch {
  readonly from?: JournalPoint;
  readonly to?: JournalPoint;
}

/** Where a boot is in the files. What is before it is not looked at. @throws NoSuchBootError */
const stretchOf = (files: readonly JournalFile[], boot: number): Stretch => {
  let to: JournalPoint | undefined;
  let left = -boot;
  for (const from of beginnings(files)) {
    if (left === 0) return { from, ...(to ? { to } : {}) };
    left -= 1;
    to = from;
  }
  if (left !== 0 || !hasLinesBefore(files, to ?? { file: files.length, offset: 0 })) throw new NoSuchBootError(boot);
  return to ? { to } : {};
};

/**
 * The lines of one life of the daemon that fit, the oldest first.
 * @param boot 0: the last one in the journal, -1: the one before …
 * @throws NoSuchBootError; the system's error where the journal can't be read
 */
export function* linesOfBoot(dir: string, boot: number, filter: LineFilter = {}): Iterable<JournalLine> {
  const files = [...openJournalFiles(dir)].reverse();
  try {
    const { from, to } = stretchOf(files, boot);
    yield* linesBetween(files, filter, from, to);
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}

/** The history of each life of the daemon that lines tell of, the oldest first. */
export const historiesOf = (lines: Iterable<JournalLine>): History[] => {
  const readers = [new HistoryReader()];
  for (const line of lines) {
    if (isBeginning(line)) readers.push(new HistoryReader());
    try {
      readers.at(-1)?.take(line);
    } catch {
      // Somebody has written it who is no daemon of ours: the others count all the same.
    }
  }
  return readers.flatMap(({ history }) => history ?? []);
};

/**
 * The histories that the journal of a directory tells.
 * @param boot only that one: 0 is the last, -1 the one before … Absent: all, the oldest first
 * @throws NoSuchBootError; the system's error where the journal can't be read
 */
export const readHistories = (dir: string, boot?: number): History[] => {
  const { filter } = HistoryReader;
  return historiesOf(boot === undefined ? journalLines(dir, filter) : linesOfBoot(dir, boot, filter));
};
