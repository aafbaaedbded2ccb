import type { Effect, EngineOptions, Input, JournalKind, JournalLine, LogPriority } from '@maverick/engine';
import type { Moment, SupervisorNotice } from './event.js';

/** Where journal lines go. Neither call may throw or wait. */
export interface JournalSink {
  write(line: JournalLine): void;
  /** False: what is written now goes nowhere, so lines need not be made. Absent: true. */
  readonly wanted?: boolean;
  /** The directory of its files; undefined while it writes to none. */
  readonly dir?: string | undefined;
  /** Write elsewhere from now on, or nowhere. A sink that holds no file open need not have it. */
  moveTo?(dir: string | undefined): Promise<void>;
  /** Resolves when everything that has been written until now is safe: {@link closeNow} is quick then. */
  written?(): Promise<void>;
  /** Write what is left here and now, and close: this process becomes another program. */
  closeNow?(): void;
  /** Resolves when everything written is safe, or can't be made so. */
  close(): Promise<void>;
}

/** Many lines are of the same millisecond, and the text of one takes as long as the rest of a line. */
let written = { wall: Number.NaN, time: '' };

const timeText = (wall: number): string => {
  if (wall !== written.wall) written = { wall, time: new Date(wall).toISOString() };
  return written.time;
};

const heading = (what: JournalKind, { at, wall }: Moment): Pick<JournalLine, 'at' | 'time' | 'what'> => ({
  at,
  time: timeText(wall),
  what,
});

/** What the journal is told first. */
export interface Beginning {
  readonly pid: number;
  /** Processes of an earlier supervisor of the same run are taken over. */
  readonly continued: boolean;
  /** The number of the last input that the engine had taken before. */
  readonly inputs: number;
  /** What a new engine was made with. */
  readonly options: EngineOptions;
}

/** The line with which a supervisor begins. */
export const beginLine = (beginning: Beginning, moment: Moment): JournalLine => ({
  ...heading('began', moment),
  ...beginning,
});

/** The line for what the engine is told: the `number` that causes refer to, and the input whole, so that it can be replayed. */
export const inputLine = (input: Input, number: number, moment: Moment): JournalLine => ({
  ...heading('input', moment),
  session: 'session' in input ? input.session : undefined,
  number,
  input,
});

type Fact = Effect | SupervisorNotice;

/** A process's definition and environment are long, and follow from the inputs. */
const FOLLOWS: ReadonlySet<string> = new Set(['definition', 'env']);

/** What messages of lower priority say in words is told by facts. */
const TOLD_BY_FACTS: ReadonlySet<string> = new Set<LogPriority>(['debug', 'info']);

/** Whether there is anything in it that other lines do not say. */
export const isNews = (fact: Fact): boolean => fact.kind !== 'log' || !TOLD_BY_FACTS.has(fact.priority);

/**
 * The line for an effect of the engine or for the supervisor's own news. The engine's reference to an instance is spread over
 * three keys: readers filter by `job` without looking deeper. An exception is told by its text.
 */
export const factLine = (fact: Fact, moment: Moment): JournalLine => {
  const line: Record<string, unknown> & JournalLine = heading(fact.kind, moment);
  if ('instance' in fact) Object.assign(line, fact.instance);
  const isSpawn = fact.kind === 'spawn';
  // One loop instead of copies with less and less in them: there are dozens of lines to each start of a job.
  for (const [key, value] of Object.entries(fact)) {
    if (key === 'kind' || key === 'instance' || (isSpawn && FOLLOWS.has(key))) continue;
    line[key] = key === 'error' ? String(value) : value;
  }
  return line;
};
