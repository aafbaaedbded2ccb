import type { InstanceRef, JobState } from '@maverick/engine';
import { eventText, instanceText, startText } from './cause-words.js';
import { arrivalOf, type ChainLink, chainTo, lastOfBoot, linkText } from './critical-chain.js';
import type { History, Moment, Run } from './history.js';
import { endOf, type RunEnd } from './run-end.js';

/** A part of a bar. Times are milliseconds from the timeline's beginning. */
export interface Stretch {
  readonly state: JobState;
  readonly from: number;
  readonly to: number;
}

/** One run, as far as it lies in the span. */
export interface Bar {
  readonly run: Run;
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
  readonly startedBy: string;
  readonly end: RunEnd;
  /** It had begun before the span, or before the journal. */
  readonly isOpenLeft: boolean;
  /** It goes on beyond the span, or has not ended. */
  readonly isOpen: boolean;
}

/** The runs of one instance. */
export interface TimelineRow {
  readonly ref: InstanceRef;
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** An event, when it was emitted. */
export interface Mark {
  readonly at: number;
  readonly text: string;
  readonly number: number;
}

/** A boot, or any span of it, to be drawn. */
export interface Timeline {
  /** When it begins: wall clock, ISO 8601 in UTC. */
  readonly time: string;
  readonly lengthMs: number;
  readonly rows: readonly TimelineRow[];
  readonly marks: readonly Mark[];
}

/** Which part of a history. Monotonic milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** States in which nothing is left. */
const REST: ReadonlySet<JobState> = new Set<JobState>(['waiting']);

const stretchesOf = ({ phases, ended }: Run, { from, to }: Span): Stretch[] =>
  phases.flatMap(({ state, at }, index) => {
    const end = Math.min(phases[index + 1]?.at ?? ended?.at ?? to, to);
    const begin = Math.max(at, from);
    return REST.has(state) || end <= begin ? [] : [{ state, from: begin - from, to: end - from }];
  });

const barOf = (history: History, run: Run, span: Span, isPresent: boolean): Bar => ({
  run,
  from: Math.max(0, run.began.at - span.from),
  to: Math.min(run.ended?.at ?? span.to, span.to) - span.from,
  stretches: stretchesOf(run, span),
  startedBy: startText(history, run),
  end: endOf(history, run, isPresent),
  isOpenLeft: !run.hasBeginning || run.began.at < span.from,
  isOpen: run.ended === undefined || run.ended.at > span.to,
});

/** Those that jobs emit by themselves: their bars say the same. */
const OF_JOBS: ReadonlySet<string> = new Set(['starting', 'started', 'stopping', 'stopped']);

const marksOf = ({ events }: History, { from, to }: Span): Mark[] =>
  [...events.values()]
    .filter(({ name, at }) => !OF_JOBS.has(name) && at >= from && at <= to)
    .map((event) => ({ at: event.at - from, text: eventText(event), number: event.number }));

/** The span of a boot: from the daemon's beginning until the last of its jobs has come up, and a little more. */
export const bootSpan = (history: History): Span => {
  const { at: from } = (history.isCut ? undefined : history.began) ?? history.from;
  const last = lastOfBoot(history);
  const end = last === undefined ? undefined : arrivalOf(last)?.at;
  return { from, to: end === undefined ? history.to.at : Math.min(history.to.at, end + (end - from) * 0.05) };
};

/** The last moment of the journal that fits, else the first one: clocks on the wall are set, so that each counts from there on. */
const nearest = ({ from, to, inputs }: History, fits: (moment: Moment) => boolean): Moment =>
  [from, ...inputs.values(), to].findLast(fits) ?? from;

/** The wall clock at a point of monotonic time, by the last line before it: ISO 8601 in UTC. */
export const wallAt = (history: History, at: number): string => {
  const known = nearest(history, (moment) => moment.at <= at);
  return new Date(Date.parse(known.time) + Math.round(at - known.at)).toISOString();
};

/** The point of monotonic time at which the wall clock showed this, by the last line that had no later one. */
export const momentAt = (history: History, time: string): number => {
  // A beginning of a time is that with zeros behind it.
  const text = time.replace(/Z$/, '');
  const whole = `${text}${'0000-01-01T00:00:00.000'.slice(text.length)}Z`;
  const known = nearest(history, (moment) => moment.time <= whole);
  return known.at + Date.parse(whole) - Date.parse(known.time);
};

/**
 * Bars for the runs of a span, in the order in which the instances first began.
 * @param isPresent the daemon of the history is there: what has not ended goes on
 */
export const timelineOf = (history: History, span: Span, isPresent: boolean): Timeline => {
  const rows = new Map<string, { ref: InstanceRef; bars: Bar[] }>();
  for (const run of history.runs) {
    if (run.began.at > span.to || (run.ended?.at ?? span.to) < span.from) continue;
    const { session, job, instance } = run.ref;
    const key = `${session}\0${job}\0${instance}`;
    const row = rows.get(key) ?? { ref: run.ref, bars: [] };
    row.bars.push(barOf(history, run, span, isPresent));
    rows.set(key, row);
  }
  return {
    time: wallAt(history, span.from),
    lengthMs: Math.max(1, span.to - span.from),
    rows: [...rows.values()].map(({ ref, bars }) => ({ ref, label: instanceText(ref), bars })),
    marks: marksOf(history, span),
  };
};

/** So many links are told of each bar; {@link chainTo} has the others. */
const MOST_CAUSES = 20;

/** What led to a bar, to where its run came up or to its beginning: a line for each link, the newest ones. */
export const causeLines = (
  history: History,
  { run }: Bar,
  text: (link: ChainLink) => string = (link) => linkText(history, link),
): string[] => {
  const cause = arrivalOf(run)?.cause ?? run.startCause;
  const links = cause === undefined ? [] : chainTo(history, cause, MOST_CAUSES + 1);
  if (links.length <= MOST_CAUSES) return links.map(text);
  return ['… and what led to that', ...links.slice(1).map(text)];
};
