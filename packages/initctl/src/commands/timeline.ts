import {
  type Bar,
  bootSpan,
  causeLines,
  type History,
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
import { formatByName, writeResult } from '../write-result.js';

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
  causes: causeLines(history, bar),
});

const answerOf = (history: History, { time, lengthMs, rows, marks }: Timeline) => ({
  time,
  lengthMs,
  rows: rows.map(({ ref, bars }) => ({ ...ref, bars: bars.map((bar) => barAnswer(history, bar)) })),
  events: marks.map(({ at, text, number }) => ({ at, text, number })),
});

/** What `-o` writes by the end of the file's name. */
const BY_NAME = { '.html': 'html', '.htm': 'html', '.svg': 'svg', '.json': 'json' } as const;

type Format = 'text' | (typeof BY_NAME)[keyof typeof BY_NAME];

/** @throws InitctlError `two-formats` */
const formatOf = (context: CommandContext): Format => {
  const [one, other] = (['html', 'svg', 'json'] as const).filter((format) => context.options.has(format));
  if (one !== undefined && other !== undefined) {
    throw new InitctlError('two-formats', { one: `--${one}`, other: `--${other}` });
  }
  return one ?? formatByName(context, BY_NAME) ?? 'text';
};

/** What goes into a file of its own. */
const fileText = async (format: Format, history: History, drawn: Timeline, text: () => string): Promise<string> => {
  switch (format) {
    case 'html':
      return (await import('@maverick/graph')).timelineHtml(history, drawn);
    case 'svg':
      return (await import('@maverick/graph')).timelineSvg(drawn);
    case 'json':
      return `${JSON.stringify(answerOf(history, drawn))}\n`;
    case 'text':
      return `${text()}\n`;
  }
};

/** `timeline`: a boot or a span as bars, on the terminal, as an image or as a page. */
export const timeline: CommandHandler = async (context) => {
  const { options, output, env } = context;
  const format = formatOf(context);
  const boot = await readBoot(context);
  const { history, isPresent } = boot;
  const drawn = timelineOf(history, await spanOf(context, boot), isPresent);
  const causes = options.has('causes') ? (bar: Bar) => causeLines(history, bar) : undefined;
  const text = (isColoured: boolean) => (): string =>
    timelineLines(drawn, {
      columns: context.columns(),
      unicode: showsUnicode(env),
      paint: painter(isColoured),
      mark: cutMark(env),
      causes,
    }).join('\n');
  if (options.has('outfile') || format === 'html' || format === 'svg') {
    return writeResult(context, await fileText(format, history, drawn, text(false)));
  }
  output.answer(() => answerOf(history, drawn), text(context.hasColours(1)));
};
