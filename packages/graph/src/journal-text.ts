import { fitsFilter, type JournalFilter, type JournalLine } from '@maverick/engine';

/** Which lines, and of which kinds: what else there is is passed over without being parsed. */
export interface LineFilter extends JournalFilter {
  readonly kinds?: ReadonlySet<string>;
  /** Lines whose text has this are passed over, too. */
  readonly without?: RegExp;
}

/** What every line begins with, as it is written. */
const HEADING = /^\{"at":[^,"]*,"time":"([^"]*)","what":"([^"]*)"/;

/** A line that its heading rules out: most of a journal is passed over so. */
const isRuledOut = (text: string, { what, kinds, since, until }: LineFilter): boolean => {
  if ((what ?? kinds ?? since ?? until) === undefined) return false;
  const [, time, kind] = HEADING.exec(text) ?? [];
  if (time === undefined || kind === undefined) return false;
  return (
    (what !== undefined && kind !== what) ||
    (kinds !== undefined && !kinds.has(kind)) ||
    (since !== undefined && time < since) ||
    (until !== undefined && time >= until)
  );
};

/**
 * A line of a journal's file.
 * @returns undefined for one that does not fit, or that was torn by a crash or a full disk
 */
export const parseLine = (text: string, filter: LineFilter): JournalLine | undefined => {
  if (isRuledOut(text, filter) || filter.without?.test(text) === true) return undefined;
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== 'object' || line === null || !('what' in line)) return undefined;
    // Whatever has a `what` was written by a journal.
    const known = line as JournalLine;
    return (filter.kinds?.has(known.what) ?? true) && fitsFilter(known, filter) ? known : undefined;
  } catch {
    return undefined;
  }
};
