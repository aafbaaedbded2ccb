import {
  axisStep,
  axisText,
  type Bar,
  LOOKS,
  type Mark,
  STATE_LOOKS,
  type StateLook,
  spanText,
  type Timeline,
} from '@maverick/graph';
import { cellsOf, fitCells, padCells, printable } from './cells.js';
import type { Paint } from './colours.js';

/** How a timeline is drawn on a terminal. */
export interface TimelineScreen {
  readonly columns: number;
  readonly unicode: boolean;
  readonly paint: Paint;
  /** In the place of what was cut. */
  readonly mark: string;
  /** The first causes of each bar go below it. */
  readonly causes: ((bar: Bar) => readonly string[]) | undefined;
}

const NARROWEST = 20;
const TIME_CELLS = 11;

const characterOf = ({ character, plain }: StateLook, { unicode }: TimelineScreen): string =>
  unicode ? character : plain;

/** A bar's place in cells: whatever there is of it takes one at least. */
const SINCE_BEFORE = { character: '‹', plain: '<', name: 'since before' } as const;

const drawBars = (bars: readonly Bar[], cells: number, lengthMs: number, screen: TimelineScreen): string => {
  const line = Array<string>(cells).fill(' ');
  const cellOf = (ms: number): number => Math.min(cells - 1, Math.max(0, Math.floor((ms / lengthMs) * cells)));
  for (const { stretches, end, from, to, isOpen, isOpenLeft } of bars) {
    for (const stretch of stretches) {
      const last = Math.max(cellOf(stretch.from), cellOf(stretch.to - lengthMs / cells / 2));
      line.fill(characterOf(STATE_LOOKS[stretch.state], screen), cellOf(stretch.from), last + 1);
    }
    if (isOpenLeft) line[cellOf(from)] = screen.unicode ? SINCE_BEFORE.character : SINCE_BEFORE.plain;
    if (end.kind === 'crashed' && !isOpen) line[cellOf(to)] = screen.unicode ? '✗' : 'x';
  }
  return line.join('');
};

const axisLine = (lengthMs: number, cells: number): string => {
  const step = axisStep(lengthMs, Math.max(1, Math.floor(cells / 14)));
  let line = '';
  for (let ms = 0; ms <= lengthMs; ms += step) {
    const at = Math.floor((ms / lengthMs) * cells);
    const text = `|${axisText(ms, step)}`;
    if (at >= line.length && at + text.length <= cells) line = line.padEnd(at) + text;
  }
  return line;
};

const markLine = (marks: readonly Mark[], lengthMs: number, cells: number, unicode: boolean): string => {
  const line = Array<string>(cells).fill(' ');
  for (const { at } of marks) line[Math.min(cells - 1, Math.floor((at / lengthMs) * cells))] = unicode ? '▼' : 'v';
  return line.join('').trimEnd();
};

const legend = (rows: Timeline['rows'], screen: TimelineScreen): string => {
  const hasOpen = rows.some(({ bars }) => bars.some(({ isOpenLeft }) => isOpenLeft));
  const entries = LOOKS.map((look) => `${characterOf(look, screen)} ${look.name}`);
  if (hasOpen) entries.push(`${screen.unicode ? SINCE_BEFORE.character : SINCE_BEFORE.plain} ${SINCE_BEFORE.name}`);
  return entries.join('   ');
};

/** A line for each instance with a bar of characters; above them the axis and the events, below them what the events were. */
export const timelineLines = ({ time, lengthMs, rows, marks }: Timeline, screen: TimelineScreen): string[] => {
  const { columns, unicode, paint, mark, causes } = screen;
  const widest = rows.reduce((most, { label }) => Math.max(most, cellsOf(printable(label))), 3);
  const labelCells = Math.min(widest, Math.max(8, Math.floor(columns / 4)));
  const cells = Math.max(NARROWEST, columns - labelCells - TIME_CELLS - 3);
  const blank = ' '.repeat(labelCells + 1);
  const body = rows.flatMap(({ label, bars }) => {
    const name = padCells(fitCells(printable(label), labelCells, mark), labelCells);
    const took =
      bars.at(-1)?.isOpen === false && bars[0]?.isOpenLeft === false
        ? spanText(bars.reduce((sum, { from, to }) => sum + to - from, 0))
        : '';
    const line = `${name} ${drawBars(bars, cells, lengthMs, screen)} ${took.padStart(TIME_CELLS)}`.trimEnd();
    const isBad = bars.some(({ end }) => end.kind === 'crashed');
    const below =
      causes === undefined
        ? []
        : bars.flatMap((bar) => causes(bar).map((text) => paint('faint', `${blank}${printable(text)}`)));
    return [isBad ? paint('bad', line) : line, ...below];
  });
  const events = marks.map(({ at, text }) => `  ${spanText(at).padStart(TIME_CELLS)}  ${printable(text)}`);
  return [
    paint('bold', `${time}, ${spanText(lengthMs)}`),
    `${blank}${axisLine(lengthMs, cells)}`.trimEnd(),
    ...(marks.length === 0 ? [] : [`${blank}${markLine(marks, lengthMs, cells, unicode)}`]),
    ...body,
    `${blank}${legend(rows, screen)}`,
    ...(events.length === 0 ? [] : [paint('bold', 'Events'), ...events]),
  ];
};
