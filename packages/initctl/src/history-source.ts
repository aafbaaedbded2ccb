import type { JournalLine } from '@maverick/engine';
import { type History, historiesOf, NoSuchBootError, readHistories } from '@maverick/graph';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { isGone } from './instance-status.js';
import { type JournalPlace, journalPlace } from './journal-place.js';

/** What the journal tells, life after life of the daemon. */
export interface Histories {
  /** The oldest first. */
  readonly all: readonly History[];
  /** The daemon of the last of them is there: what has not ended in that goes on. */
  readonly isPresent: boolean;
}

const BOOT = /^(?:0|-\d{1,6})$/;

/**
 * The boot that `--boot` names: 0 is the present or last one, -1 the one before.
 * @throws InitctlError `illegal-number`
 */
export const bootOption = ({ options }: CommandContext): number | undefined => {
  const value = options.get('boot');
  if (value === undefined) return undefined;
  if (!BOOT.test(value)) throw new InitctlError('illegal-number', { option: '--boot', value });
  return Number(value);
};

const MOST_LINES = 10_000;

/** What was read, and how many lines of it there were where it is only the newest. */
interface Read {
  readonly all: History[];
  readonly newest?: number;
}

/** Where there is not even the last boot, there is nothing at all. */
export const noSuchBoot = (boot: number, cause: unknown): InitctlError =>
  boot === 0 ? new InitctlError('empty-journal', {}, { cause }) : new InitctlError('no-such-boot', { boot }, { cause });

/** Through the daemon there are its newest lines only. */
const historiesFrom = async (place: JournalPlace, boot: number | undefined): Promise<Read> => {
  if (place.kind === 'files') return { all: readHistories(place.dir, boot) };
  if (boot !== undefined && boot !== 0) throw new NoSuchBootError(boot);
  const texts = await place.upstart.init1.journal({ lines: MOST_LINES });
  return { all: historiesOf(texts.map((text) => JSON.parse(text) as JournalLine)), newest: texts.length };
};

/** What can't be told, where the beginning is missing; undefined where it is there. */
const lackText = ({ all: [first], newest }: Read): string | undefined => {
  if (first?.isCut !== true) return undefined;
  const { time } = first.from;
  // A snapshot tells of all that was under way when it was taken, and since when the daemon is there.
  if (newest === undefined && first.began !== undefined)
    return `the journal tells from ${time} on: what had ended before is not known`;
  return newest === undefined
    ? `the journal tells from ${time} on: what ran before is known only where it has changed since`
    : `only the newest ${newest} lines of the journal, from ${time} on, could be read: its files are for others to read`;
};

/**
 * What happened, as the journal tells it. Where the beginning is missing, a line on standard error says so.
 * @param boot only that one; absent: all that are in the journal
 * @throws InitctlError `no-such-boot`, `empty-journal`, `not-this-daemon`, `no-journal`
 */
export const readHistory = async (context: CommandContext, boot: number | undefined): Promise<Histories> => {
  const place = await journalPlace(context);
  try {
    const read = await historiesFrom(place, boot);
    if (read.all.length === 0) throw new InitctlError('empty-journal', {});
    const lack = lackText(read);
    if (lack !== undefined) context.output.error(lack);
    return { all: read.all, isPresent: place.upstart !== undefined && (boot ?? 0) === 0 };
  } catch (error) {
    if (error instanceof NoSuchBootError) throw noSuchBoot(error.boot, error);
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'its journal' }, { cause: error });
    throw error;
  }
};
