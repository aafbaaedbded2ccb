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
  /** The daemon is there: what has not ended in the last of them goes on. */
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

/** Through the daemon there are its newest lines only. */
const historiesFrom = async (place: JournalPlace, boot: number | undefined): Promise<History[]> => {
  if (place.kind === 'files') return readHistories(place.dir, boot);
  if (boot !== undefined && boot !== 0) throw new NoSuchBootError(boot);
  const texts = await place.upstart.init1.journal({ lines: MOST_LINES });
  return historiesOf(texts.map((text) => JSON.parse(text) as JournalLine));
};

/**
 * What happened, as the journal tells it.
 * @param boot only that one; absent: all that are in the journal
 * @throws InitctlError `no-such-boot`, `not-this-daemon`, `no-journal`
 */
export const readHistory = async (context: CommandContext, boot: number | undefined): Promise<Histories> => {
  const place = await journalPlace(context);
  try {
    const all = await historiesFrom(place, boot);
    return { all, isPresent: place.kind === 'daemon' || place.upstart !== undefined };
  } catch (error) {
    if (error instanceof NoSuchBootError)
      throw new InitctlError('no-such-boot', { boot: error.boot }, { cause: error });
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'its journal' }, { cause: error });
    throw error;
  }
};
