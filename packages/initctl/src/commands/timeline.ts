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
  wallAt,
} from '@maverick/graph';
import { type BootHistory, readBoot } from '../boot-history.js';
import { cutMark, showsUnicode } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { monotonicMs } from '../duration.js';
import { InitctlError } from '../errors.js';
import { spanOptions } from '../journal-time.js';
import { timelineLines } from '../timeline-text.js';
import { writeResult } from '../write-result.js';

/** What a boot's journal tells of: until now, where its daemon is there. */
const wholeOf = ({ history, isPresent }: BootHistory): Span => ({
  from: ((history.isCut ? undefined : history.began) ?? history.from).at,
  to: isPresent ? Math.max(history.to.at, monotonicMs()) : history.to.at,
});

const spanOf = async ({ options, machine }: CommandContext, boot: BootHistory): Promise<Span> => {
  const { history } = boot;
  const { since, until } = spanOptions(options, (await machine()).now);
  const whole = wholeOf(boot);
  if (since === undefined && until === undefined) return options.has('whole') ? whole : bootSpan(history);
  const from = since === undefined ? whole.from : Math.max(whole.from, momentAt(history, since));
  const to = until === undefined ? whole.to : Math.min(whole.to, momentAt(history, until));
  if (from < to) return { from, to };
  throw new InitctlError('outside-boot', { from: wallAt(history, whole.from), to: wallAt(history, whole.to) });
};

const barAnswer = (history: History, bar: Bar) => ({
  from: bar.from,
  to: bar.to,
  open: bar.isOpen,
  openLeft: bar.isOpenLeft,
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
  const boot = await readBoot(context);
  const { history, isPresent } = boot;
  const drawn = timelineOf(history, await spanOf(context, boot), isPresent);
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
