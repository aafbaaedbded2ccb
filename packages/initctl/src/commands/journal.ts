import type { JournalQuery } from '@maverick/dbus/client';
import type { JournalLine } from '@maverick/engine';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { journalText } from '../journal-words.js';
import { numberOption, WHOLE } from '../numbers.js';

const queryOf = ({ options }: CommandContext): JournalQuery => {
  const job = options.get('of-job');
  const what = options.get('what');
  const lines = numberOption(options, 'lines', WHOLE);
  return {
    ...(job === undefined ? {} : { job }),
    ...(what === undefined ? {} : { what }),
    ...(lines === undefined ? {} : { lines }),
  };
};

const print = ({ output }: CommandContext, text: string): void => {
  const line = JSON.parse(text) as JournalLine;
  output.answer(
    () => line,
    () => journalText(line),
  );
};

/** `journal`: the newest lines that the daemon has at hand; with `--follow` also what comes. */
export const journal: CommandHandler = async (context) => {
  const query = queryOf(context);
  const { init1 } = await context.connect();
  try {
    const lines = context.options.has('follow') ? init1.followJournal(query) : await init1.journal(query);
    for await (const line of lines) print(context, line);
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'its journal' }, { cause: error });
    throw error;
  }
};
