import { escapeMarkup } from './escape-markup.js';
import { shortText } from './short-text.js';
import { spanText } from './span-text.js';
import type { Bar, Mark, Timeline, TimelineRow } from './timeline.js';
import { axisStep, axisText, LOOKS, STATE_LOOKS } from './timeline-look.js';

const ROW = 20;
const TOP = 54;
const WIDTH = 1000;
const LABEL = 8;
/** About as wide as a character is. */
const CHARACTER = 7.2;

/** Colours that people with any eyes tell apart (after Okabe and Ito), on light and on dark. */
const STYLE = `
.timeline{font:12px/1 system-ui,sans-serif;background:#fff;color:#222}
.timeline text{fill:#222}.timeline .axis{stroke:#ccc}.timeline .mark{stroke:#999;stroke-dasharray:2 3}
.timeline .mark-text{fill:#666;font-size:10px}.timeline .odd{fill:#f5f5f5}
.waits{fill:#bbb}.prepares{fill:#e69f00}.starts{fill:#56b4e9}.runs{fill:#009e73}.stops{fill:#cc79a7}
.open{stroke:#888;stroke-width:1.5;fill:none}
.crashed{stroke:#d55e00;stroke-width:2.5;fill:none}
@media (prefers-color-scheme:dark){.timeline{background:#181818;color:#ddd}.timeline text{fill:#ddd}
.timeline .axis{stroke:#444}.timeline .odd{fill:#222}.timeline .mark-text{fill:#aaa}}`;

interface Scale {
  readonly left: number;
  readonly x: (ms: number) => number;
}

const round = (value: number): string => String(Math.round(value * 100) / 100);

const scaleOf = ({ rows, lengthMs }: Timeline): Scale => {
  const longest = rows.reduce((most, { label }) => Math.max(most, shortText(label).length), 4);
  const left = LABEL + longest * CHARACTER + 8;
  return { left, x: (ms) => left + (ms / lengthMs) * (WIDTH - 60) };
};

/** What is told of a bar: what started it, its phases, how it ended, its processes. */
export const barLines = ({ run, startedBy, end, stretches }: Bar): string[] => [
  `started by ${startedBy}`,
  ...stretches.map(({ state, from, to }) => `${state}: ${spanText(from)} to ${spanText(to)}`),
  end.text,
  ...run.processes.map(({ role, pid }) => `${role} process ${pid ?? 'that never was'}`),
];

/** When it was, in words: open at the left where it had begun before. */
export const spanOfBar = ({ from, to, isOpen, isOpenLeft }: Bar): string =>
  `${isOpenLeft ? `before ${spanText(from)}` : spanText(from)} to ${isOpen ? 'the end' : spanText(to)}`;

const tooltip = (label: string, bar: Bar): string => [label, spanOfBar(bar), ...barLines(bar)].join('\n');

const barSvg = (label: string, bar: Bar, y: number, { x }: Scale, id: string): string => {
  const rects = bar.stretches.map(({ state, from, to }) => {
    const width = Math.max(0.8, x(to) - x(from));
    return `<rect class="${STATE_LOOKS[state].name}" x="${round(x(from))}" y="${y + 4}" width="${round(width)}" height="${ROW - 8}"/>`;
  });
  const [left, at] = [round(x(bar.from)), round(x(bar.to))];
  const open = bar.isOpenLeft ? `<path class="open" d="M${left} ${y + 4}l-5 ${ROW / 2 - 4}l5 ${ROW / 2 - 4}"/>` : '';
  const crash =
    bar.end.kind === 'crashed' && !bar.isOpen ? `<path class="crashed" d="M${at} ${y + 5}m-4 0l8 10m0-10l-8 10"/>` : '';
  return `<g class="bar" data-bar="${id}"><title>${escapeMarkup(tooltip(label, bar))}</title>${rects.join('')}${open}${crash}</g>`;
};

/** One that is cut has the whole as its tooltip. */
const nameSvg = (label: string, y: number): string => {
  const short = shortText(label);
  const whole = short === label ? '' : `<title>${escapeMarkup(label)}</title>`;
  return `<text x="${LABEL}" y="${y}">${escapeMarkup(short)}${whole}</text>`;
};

const rowSvg = ({ label, bars }: TimelineRow, index: number, scale: Scale, width: number): string => {
  const y = TOP + index * ROW;
  const ground = index % 2 === 1 ? `<rect class="odd" x="0" y="${y}" width="${round(width)}" height="${ROW}"/>` : '';
  const drawn = bars.map((bar, number) => barSvg(label, bar, y, scale, `${index}.${number}`));
  return `<g class="row" data-job="${escapeMarkup(label)}">${ground}${nameSvg(label, y + 14)}${drawn.join('')}</g>`;
};

const axisSvg = ({ lengthMs }: Timeline, { x }: Scale, bottom: number): string => {
  const step = axisStep(lengthMs, 10);
  const points = Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
  return points
    .map((ms) => {
      const at = round(x(ms));
      return `<line class="axis" x1="${at}" y1="${TOP - 6}" x2="${at}" y2="${bottom}"/><text x="${at}" y="${TOP - 10}" text-anchor="middle">${axisText(ms, step)}</text>`;
    })
    .join('');
};

/** Names of events stand where there is room for them; all have a line and a tooltip. */
const marksSvg = (marks: readonly Mark[], { x }: Scale, bottom: number): string => {
  let free = 0;
  return marks
    .map(({ at, text }) => {
      const place = x(at);
      const line = `<line class="mark" x1="${round(place)}" y1="26" x2="${round(place)}" y2="${bottom}"/>`;
      const hasRoom = place >= free;
      const short = shortText(text);
      if (hasRoom) free = place + short.length * 6 + 6;
      const name = hasRoom
        ? `<text class="mark-text" x="${round(place + 2)}" y="24">${escapeMarkup(short)}</text>`
        : '';
      return `<g><title>${escapeMarkup(`event ${text}\n${spanText(at)}`)}</title>${line}${name}</g>`;
    })
    .join('');
};

/** Each entry as wide as its text. */
const legendSvg = (y: number): { readonly svg: string; readonly width: number } => {
  let x = LABEL;
  const entries = LOOKS.map(({ name, says }) => {
    const entry = `<rect class="${name}" x="${round(x)}" y="${y}" width="12" height="12"/><text x="${round(x + 16)}" y="${y + 10}">${escapeMarkup(says)}</text>`;
    x += 16 + says.length * CHARACTER + 12;
    return entry;
  });
  return { svg: entries.join(''), width: x };
};

/** A timeline as an SVG image of its own. Rows and bars have `data-job` and `data-bar` (`ROW.BAR`), by which a page finds them. */
export const timelineSvg = (timeline: Timeline): string => {
  const scale = scaleOf(timeline);
  const bottom = TOP + timeline.rows.length * ROW;
  const legend = legendSvg(bottom + 14);
  const width = Math.ceil(Math.max(scale.x(timeline.lengthMs) + 40, legend.width));
  const title = `Timeline from ${timeline.time}: ${spanText(timeline.lengthMs)}`;
  return [
    `<svg class="timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 36}" width="${width}" height="${bottom + 36}" role="img">`,
    `<title>${escapeMarkup(title)}</title><style>${STYLE}</style>`,
    `<text x="${LABEL}" y="12">${escapeMarkup(title)}</text>`,
    ...timeline.rows.map((row, index) => rowSvg(row, index, scale, width)),
    axisSvg(timeline, scale, bottom),
    marksSvg(timeline.marks, scale, bottom),
    legend.svg,
    '</svg>',
    '',
  ].join('\n');
};
