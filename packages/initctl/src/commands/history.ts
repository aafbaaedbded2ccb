import type { Run } from '@maverick/graph';
import { cutMark } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { sessionOfJournal } from '../daemon-session.js';
import { monotonicMs } from '../duration.js';
import { InitctlError } from '../errors.js';
import { bootOption, type Histories, readHistory } from '../history-source.js';
import { historyLines, runAnswer, type ToldRun, tellRun } from '../history-words.js';
import { spanOptions } from '../journal-time.js';

/** Which runs are asked for. */
const chosen = async ({ operands, options, machine }: CommandContext): Promise<(run: Run) => boolean> => {
  const [job, instance] = operands;
  const { now } = await machine();
  const { since, until } = spanOptions(options, now);
  const session = sessionOfJournal(options);
  return ({ ref, began, ended }) =>
    (job === undefined || ref.job === job) &&
    (instance === undefined || ref.instance === instance) &&
    (session === undefined || ref.session === session) &&
    (since === undefined || ended === undefined || ended.time >= since) &&
    (until === undefined || began.time < until);
};

const tellRuns = ({ all, isPresent }: Histories, wanted: (run: Run) => boolean): ToldRun[] => {
  const now = monotonicMs();
  return all.flatMap((history) => {
    const isLast = isPresent && history === all.at(-1);
    return history.runs.filter(wanted).map((run) => tellRun(history, run, isLast, now));
  });
};

/** `history [JOB [INSTANCE]]`: when it ran, how long, what started it, what stopped it, how it ended. */
export const history: CommandHandler = async (context) => {
  const wanted = await chosen(context);
  const histories = await readHistory(context, bootOption(context));
  const told = tellRuns(histories, wanted);
  // A person sees columns; a file or another program gets all.
  const mark = context.isTerminal(1) ? cutMark(context.env) : undefined;
  const [job] = context.operands;
  if (job !== undefined && told.length === 0) throw new InitctlError('no-runs', { job });
  if (told.length === 0) context.output.error('No run of the journal fits');
  context.output.answer(
    () => ({ runs: told.map(runAnswer), lostLines: histories.all.reduce((sum, { lostLines }) => sum + lostLines, 0) }),
    () => historyLines(told, painter(context.hasColours(1)), mark).join('\n'),
  );
};
