import { type Blame, blame as blameOf, instanceText, spanText } from '@maverick/graph';
import { readBoot } from '../boot-history.js';
import { padCellsBefore, printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandHandler } from '../command.js';

const answerOf = ({ run, ownMs, waitedMs }: Blame) => ({ ...run.ref, began: run.began.time, ownMs, waitedMs });

/** `blame`: what took how long to come up, the longest first. */
export const blame: CommandHandler = async (context) => {
  const { history } = await readBoot(context);
  const found = blameOf(history);
  const paint = painter(context.hasColours(1));
  context.output.answer(
    () => ({ runs: found.map(answerOf) }),
    () => {
      const rows = found.map(({ run, ownMs, waitedMs }) => [
        spanText(ownMs),
        spanText(waitedMs),
        instanceText(run.ref),
      ]);
      const widths = [0, 1].map((column) => rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 6));
      const line = ([own = '', waited = '', job = '']: readonly string[]): string =>
        `${padCellsBefore(own, widths[0] ?? 0)}  ${padCellsBefore(waited, widths[1] ?? 0)}  ${printable(job)}`;
      return [paint('bold', line(['TOOK', 'WAITED', 'JOB'])), ...rows.map(line)].join('\n');
    },
  );
};
