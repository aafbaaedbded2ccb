import { fitsFilter, type JournalLine } from '@maverick/engine';
import type { History } from './history.js';
import { HistoryReader } from './history-reader.js';
import { journalLines } from './journal-files.js';
import type { LineFilter } from './journal-text.js';

/**
 * Whether a line begins another life of the daemon. A re-execution, or the daemon after one that crashed, goes on with the old
 * one; not where the state of that was lost: its events and inputs are counted anew.
 */
const isBeginning = ({ what, continued, inputs }: JournalLine): boolean =>
  what === 'began' && (continued !== true || inputs === 0);

const BEGINNINGS: LineFilter = { kinds: new Set(['began']) };

/** A line by what it says of itself: places in files change. */
const identityOf = ({ at, time, pid }: JournalLine): string => `${time} ${at} ${String(pid)}`;

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

/** The journal does not begin with a boot, but with what is left of one. */
const hasEndOfAnother = (dir: string): boolean => {
  for (const line of journalLines(dir)) return !isBeginning(line);
  return false;
};

/** The beginning of a boot; undefined for that of which only the end is in the journal. */
const beginningOf = (dir: string, boot: number): string | undefined => {
  const beginnings = [...journalLines(dir, BEGINNINGS)].filter(isBeginning).map(identityOf);
  const index = beginnings.length - 1 + boot;
  if (boot > 0 || index < (hasEndOfAnother(dir) ? -1 : 0)) throw new NoSuchBootError(boot);
  return beginnings[index];
};

/**
 * The lines of one life of the daemon that fit, the oldest first.
 * @param boot 0: the last one in the journal, -1: the one before …
 * @throws NoSuchBootError; the system's error where the journal can't be read
 */
export function* linesOfBoot(dir: string, boot: number, filter: LineFilter = {}): Iterable<JournalLine> {
  const wanted = beginningOf(dir, boot);
  const { kinds, without } = filter;
  const ofAll = { ...(kinds ? { kinds: new Set([...kinds, 'began']) } : {}), ...(without ? { without } : {}) };
  let present: string | undefined;
  for (const line of journalLines(dir, ofAll)) {
    if (isBeginning(line)) present = identityOf(line);
    if (present === wanted && (kinds?.has(line.what) ?? true) && fitsFilter(line, filter)) yield line;
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
