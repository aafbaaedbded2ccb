/** Finding a stanza's row from its first words. */

import { STANZA_ROWS, type StanzaRow } from './stanzas.js';

/** The rows that share a first word. */
export interface StanzaFamily {
  /** The row of the first word alone. */
  readonly plain?: StanzaRow;
  readonly keywords: ReadonlyMap<string, StanzaRow>;
  /**
   * Whether the keyword is compared as written, so that quotes make it another word. Where the plain row takes
   * arguments, the second word could be one of them and is read like them.
   */
  readonly rawKeyword: boolean;
}

const takesArguments = (row: StanzaRow | undefined): boolean => row?.forms.some((form) => form.length > 0) ?? false;

const buildFamilies = (rows: readonly StanzaRow[]): ReadonlyMap<string, StanzaFamily> => {
  const families = new Map<string, { plain?: StanzaRow; keywords: Map<string, StanzaRow>; rawKeyword: boolean }>();
  for (const row of rows) {
    const [first = '', keyword] = row.name.split(' ');
    const family = families.get(first) ?? { keywords: new Map<string, StanzaRow>(), rawKeyword: true };
    families.set(first, family);
    if (keyword === undefined) family.plain = row;
    else family.keywords.set(keyword, row);
    family.rawKeyword = !takesArguments(family.plain);
  }
  return families;
};

const FAMILIES = {
  all: buildFamilies(STANZA_ROWS),
  original: buildFamilies(STANZA_ROWS.filter((row) => !row.extension)),
  none: buildFamilies([]),
} as const;

/** The stanzas by their first word: all, without the extensions, or none. */
export const stanzaFamilies = (set: keyof typeof FAMILIES): ReadonlyMap<string, StanzaFamily> => FAMILIES[set];
