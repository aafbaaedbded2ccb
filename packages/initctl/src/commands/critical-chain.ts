import {
  arrivalOf,
  type ChainLink,
  chainTo,
  type History,
  instanceText,
  lastOfBoot,
  linkText,
  type Run,
  spanText,
} from '@maverick/graph';
import { firstRun, readBoot } from '../boot-history.js';
import { padCellsBefore, printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

const targetOf = ({ operands }: CommandContext, history: History): Run => {
  const [job] = operands;
  const run = job === undefined ? lastOfBoot(history) : firstRun(history, job);
  if (run === undefined) throw new InitctlError('no-boot-begin', {});
  if (!run.isCut) return run;
  // Of a later one all is known.
  const later = history.runs.find(({ ref, isCut, up }) => ref.job === run.ref.job && !isCut && up !== undefined);
  if (later === undefined) throw new InitctlError('cut-run', { job: run.ref.job, from: history.from.time });
  return later;
};

const answerOf = (history: History, start: number) => (link: ChainLink) => ({
  kind: link.kind,
  fromMs: link.from - start,
  tookMs: link.to - link.from,
  ...(link.isCut ? { tookAtLeast: true } : {}),
  instance: link.process?.instance ?? null,
  role: link.process?.role ?? null,
  pid: link.process?.pid ?? null,
  input: { number: link.input.number, kind: link.input.kind },
  through: link.through,
  text: linkText(history, link),
});

/** `critical-chain [JOB]`: what the end of the boot, or the start of a job, really waited for, step by step. */
export const criticalChain: CommandHandler = async (context) => {
  const { history } = await readBoot(context);
  const run = targetOf(context, history);
  const came = arrivalOf(run);
  if (came === undefined) throw new InitctlError('never-came-up', { job: run.ref.job });
  const start = (history.began ?? history.from).at;
  const chain = chainTo(history, came.cause);
  const paint = painter(context.hasColours(1));
  const what = run.isTask ? 'was done' : 'was up';
  context.output.answer(
    () => ({ ...run.ref, atMs: came.at - start, links: chain.map(answerOf(history, start)) }),
    () => {
      const rows = chain.map((link) => [
        spanText(link.from - start),
        `${link.isCut ? 'at least ' : ''}${spanText(link.to - link.from)}`,
        linkText(history, link),
      ]);
      const widths = [0, 1].map((column) => rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 4));
      const line = ([at = '', took = '', text = '']: readonly string[]): string =>
        `${padCellsBefore(at, widths[0] ?? 0)}  ${padCellsBefore(took, widths[1] ?? 0)}  ${printable(text)}`;
      const title = `${printable(instanceText(run.ref))} ${what} ${spanText(came.at - start)} after the ${history.began ? 'init daemon' : 'journal'} began`;
      return [
        title,
        paint('bold', line(['AT', 'TOOK', 'WHAT WAS WAITED FOR -> WHAT THAT LED TO'])),
        ...rows.map(line),
      ].join('\n');
    },
  );
};
