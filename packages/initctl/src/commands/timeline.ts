import {
  type Bar,
  bootSpan,
  causesOf,
  type History,
  linkText,
  momentAt,
  type Span,
  type Timeline,
  timelineOf,
} from '@maverick/graph';
import { readBoot } from '../boot-history.js';
import { cutMark, showsUnicode } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { timeOption } from '../journal-time.js';
import { timelineLines } from '../timeline-text.js';
import { writeResult } from '../write-result.js';

const spanOf = async ({ options, machine }: CommandContext, history: History): Promise<Span> => {
  const { now } = await machine();
  const [since, until] = [timeOption(options, 'since', now), timeOption(options, 'until', now)];
  const whole = { from: (history.began ?? history.from).at, to: history.to.at };
  if (since === undefined && until === undefined) return options.has('whole') ? whole : bootSpan(history);
  const from = since === undefined ? whole.from : momentAt(history, since);
  const to = until === undefined ? whole.to : momentAt(history, until);
  return { from, to: Math.max(from, to) };
};

const barAnswer = (history: History, bar: Bar) => ({
  from: bar.from,
  to: bar.to,
  open: bar.isOpen,
  startedBy: bar.startedBy,
  end: bar.end,
  stretches: bar.stretches,
  causes: causesOf(history, bar).map((link) => linkText(history, link)),
});

const answerOf = (history: History, { time, lengthMs, rows, marks }: Timeline) => ({
  time,
  lengthMs,
  rows: rows.map(({ ref, bars }) => ({ ...ref, bars: bars.map((bar) => barAnswer(history, bar)) })),
  events: marks.map(({ at, text, number }) => ({ at, text, number })),
});

/** `timeline`: a boot or a span as bars, on the terminal, as an image or as a page. */
export const timeline: CommandHandler = async (context) => {
  const { options, output, env } = context;
  const { history, isPresent } = await readBoot(context);
  const drawn = timelineOf(history, await spanOf(context, history), isPresent);
  if (options.has('html')) {
    const { timelineHtml } = await import('@maverick/graph');
    return writeResult(context, timelineHtml(history, drawn));
  }
  if (options.has('svg')) {
    const { timelineSvg } = await import('@maverick/graph');
    return writeResult(context, timelineSvg(drawn));
  }
  const causes = options.has('causes')
    ? (bar: Bar) => causesOf(history, bar).map((link) => linkText(history, link))
    : undefined;
  const screen = {
    columns: context.columns(),
    unicode: showsUnicode(env),
    paint: painter(context.hasColours(1)),
    mark: cutMark(env),
    causes,
  };
  if (options.has('outfile') && !options.has('json')) {
    return writeResult(context, `${timelineLines(drawn, { ...screen, paint: painter(false) }).join('\n')}\n`);
  }
  output.answer(
    () => answerOf(history, drawn),
    () => timelineLines(drawn, screen).join('\n'),
  );
};
