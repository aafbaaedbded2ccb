import { fitsFilter, type JournalFilter, type JournalLine } from '@maverick/engine';

/** Which lines, and of which kinds: what else there is is passed over without being parsed. */
export interface LineFilter extends JournalFilter {
  readonly kinds?: ReadonlySet<string>;
  /** By their kind, lines that are passed over, too: those whose text has this. */
  readonly without?: Readonly<Record<string, RegExp>>;
}

/* What every line begins with, as it is written. */
const AT = '{"at":';
const TIME = ',"time":"';
const WHAT = '","what":"';

/** Whatever has a `what` was written by a journal, but for times that none has. One that tells of lost lines is without. */
const isLine = (value: unknown): value is JournalLine => {
  if (typeof value !== 'object' || value === null || !('what' in value)) return false;
  return !('at' in value && typeof value.at !== 'number') && !('time' in value && typeof value.time !== 'string');
};

/** Events are numbered from 1. */
const isNumber = (event: string): boolean => /^[1-9]\d*$/.test(event);

/** What the text of every line has that fits: the writer spells values as `JSON.stringify` does. */
const needlesOf = ({ job, instance, session, event }: LineFilter): readonly string[] => [
  // An empty text is everywhere.
  ...[job, instance, session].filter(Boolean).map((value) => JSON.stringify(value)),
  ...(event === undefined ? [] : [isNumber(event) ? `"event":${event}` : JSON.stringify(event)]),
];

/** Reads lines of a journal's files that fit. Most of a journal does not, and is passed over as text. */
export class LineReader {
  readonly #filter: LineFilter;
  readonly #needles: readonly string[];

  constructor(filter: LineFilter) {
    this.#filter = filter;
    this.#needles = needlesOf(filter);
  }

  /**
   * A line that is a part of a text.
   * @returns undefined for one that does not fit, or that was torn by a crash or a full disk
   */
  read(text: string, start = 0, end = text.length): JournalLine | undefined {
    const kindAt = this.#fittingKind(text, start);
    if (kindAt === undefined) return undefined;
    const line = text.slice(start, end);
    return this.#isPassedOver(line, kindAt - start) ? undefined : this.#parse(line);
  }

  /**
   * Look at the heading.
   * @returns where the line's kind begins, the line's own beginning for one without a heading; undefined: it is ruled out
   */
  #fittingKind(text: string, start: number): number | undefined {
    const { what, kinds, since, until } = this.#filter;
    const comma = text.startsWith(AT, start) ? text.indexOf(',', start) : -1;
    if (comma < 0 || !text.startsWith(TIME, comma)) return start;
    const timeAt = comma + TIME.length;
    const timeEnd = text.indexOf('"', timeAt);
    if (timeEnd < 0 || !text.startsWith(WHAT, timeEnd)) return start;
    const kindAt = timeEnd + WHAT.length;
    if (what !== undefined || kinds !== undefined) {
      const kind = text.slice(kindAt, text.indexOf('"', kindAt));
      if ((what ?? kind) !== kind || kinds?.has(kind) === false) return undefined;
    }
    if (since === undefined && until === undefined) return kindAt;
    const time = text.slice(timeAt, timeEnd);
    return (since !== undefined && time < since) || (until !== undefined && time >= until) ? undefined : kindAt;
  }

  #isPassedOver(line: string, kindAt: number): boolean {
    const { without } = this.#filter;
    if (without !== undefined && without[line.slice(kindAt, line.indexOf('"', kindAt))]?.test(line) === true)
      return true;
    return this.#needles.some((needle) => !line.includes(needle));
  }

  #parse(text: string): JournalLine | undefined {
    try {
      const line: unknown = JSON.parse(text);
      if (!isLine(line)) return undefined;
      return (this.#filter.kinds?.has(line.what) ?? true) && fitsFilter(line, this.#filter) ? line : undefined;
    } catch {
      return undefined;
    }
  }
}
