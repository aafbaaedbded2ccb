/** What an editor can propose, out of the stanza table. */

import { STANZA_ROWS, type StanzaRow } from './stanzas.js';
import { stanzaSynopsis } from './synopsis.js';

/** One proposal. */
export interface Completion {
  /** The text that belongs where the word at the cursor begins. */
  readonly text: string;
  /** The whole stanza as `init(5)` shows it. */
  readonly synopsis: string;
  /** One line of help. */
  readonly help: string;
  /** Not in Upstart 1.13. */
  readonly extension: boolean;
}

/** The words that an argument such as `none|log|output|owner` is chosen from; those in capitals stand for others. */
const choicesOf = (name: string): readonly string[] => name.split('|').filter((word) => /^[a-z]+$/.test(word));

/** What may follow the words before the cursor in a stanza of this row. */
const proposalsOf = (row: StanzaRow, before: readonly string[]): readonly string[] => {
  const words = row.name.split(' ');
  const place = before.length - words.length;
  if (!words.slice(0, before.length).every((word, index) => word === (before[index] ?? word))) return [];
  if (place < 0) return [words.slice(before.length).join(' ')];
  if (row.body !== 'words') return [];
  return row.forms.flatMap((form) =>
    choicesOf((form[place] ?? (form.at(-1)?.repeat ? form.at(-1) : undefined))?.name ?? ''),
  );
};

/**
 * What may stand at the cursor, by the stanza table: names of stanzas, their keywords, and words out of a fixed choice.
 * @param line the text of the line before the cursor
 */
export const complete = (line: string): readonly Completion[] => {
  const words = line.trimStart().split(/[ \t]+/);
  const begun = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  return STANZA_ROWS.flatMap((row) =>
    proposalsOf(row, before)
      .filter((text) => text.startsWith(begun))
      .map((text) => ({
        text,
        synopsis: stanzaSynopsis(row).join(' | '),
        help: row.help,
        extension: row.extension ?? false,
      })),
  );
};
