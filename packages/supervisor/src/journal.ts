import type { EngineOptions, Input, JournalKind, JournalLine, LogPriority, SessionId } from '@maverick/engine';
import type { Moment } from './event.js';
import { type Fact, factSession, factText, timeText } from './fact-text.js';

/**
 * What one line of the journal tells. It holds what has happened, and is made text for whoever wants that, when there is time:
 * there are two dozen lines to each start of a job, and most of them nobody ever reads.
 */
export interface JournalEntry {
  /** A {@link JournalKind}. */
  readonly what: string;
  /** Of which session it tells, as far as it says so itself. */
  readonly session: SessionId | undefined;
  /** The line, without the newline: a {@link JournalLine} as JSON. Each call makes it anew; none throws. */
  text(): string;
}

/** Where journal lines go. Neither call may throw or wait. */
export interface JournalSink {
  write(entry: JournalEntry): void;
  /** False: what is written now goes nowhere, so entries need not be made. Absent: true. */
  readonly wanted?: boolean;
  /** What is written next goes where nothing is that it could follow from: the state of everything is to be told first. Absent: false. */
  readonly wantsSnapshot?: boolean;
  /** Take the text of a line of kind `snapshot`, between two inputs of the engine. Undefined: a new engine begins, none is needed. */
  snapshot?(text: string | undefined): void;
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

/** Node 20 can't write an expression of tens of thousands of operators: such a line keeps what every line has. */
const textOf = (line: JournalLine): string => {
  try {
    return JSON.stringify(line);
  } catch (error) {
    const { at, time, what, session, job, instance, cause } = line;
    return JSON.stringify({ at, time, what, session, job, instance, cause, unwritable: String(error) });
  }
};

/** The entry for a line that is there already. */
export const lineEntry = (line: JournalLine): JournalEntry => ({
  what: line.what,
  session: line.session ?? line.cause?.instance?.session,
  text: () => textOf(line),
});

/** The line with which a supervisor begins. */
export const beginLine = (beginning: Beginning, moment: Moment): JournalLine => ({
  ...heading('began', moment),
  ...beginning,
});

/** Since when a supervisor tells of its engine. */
export interface Began extends Pick<Beginning, 'pid' | 'options'> {
  /** Undefined: an earlier one began, and when is not known. */
  readonly moment: Moment | undefined;
}

/**
 * The text of the line from which a reader can go on who has nothing of what was before: what `began` told, and the engine.
 * @param engine its snapshot as JSON
 */
export const snapshotLine = ({ pid, options, moment: began }: Began, engine: string, moment: Moment): string => {
  const head = {
    ...heading('snapshot', moment),
    pid,
    options,
    began: began && { at: began.at, time: timeText(began.wall) },
  };
  return `${JSON.stringify(head).slice(0, -1)},"engine":${engine}}`;
};

/** The line for what the engine is told: the `number` that causes refer to, and the input whole, so that it can be replayed. */
export const inputLine = (input: Input, number: number, moment: Moment): JournalLine => ({
  ...heading('input', moment),
  session: 'session' in input ? input.session : undefined,
  number,
  input,
});

/** What messages of lower priority say in words is told by facts. */
const TOLD_BY_FACTS: ReadonlySet<string> = new Set<LogPriority>(['debug', 'info']);

/** Whether there is anything in it that other lines do not say. */
export const isNews = (fact: Fact): boolean => fact.kind !== 'log' || !TOLD_BY_FACTS.has(fact.priority);

/** The entry for an effect of the engine or for the supervisor's own news: see {@link factText}. */
export class FactEntry implements JournalEntry {
  readonly #fact: Fact;
  readonly #moment: Moment;

  /** @param fact it must not be changed any more */
  constructor(fact: Fact, moment: Moment) {
    this.#fact = fact;
    this.#moment = moment;
  }

  get what(): JournalKind {
    return this.#fact.kind;
  }

  get session(): SessionId | undefined {
    return factSession(this.#fact);
  }

  text(): string {
    try {
      return factText(this.#fact, this.#moment);
    } catch (error) {
      return textOf({ ...heading(this.what, this.#moment), session: this.session, unwritable: String(error) });
    }
  }
}
