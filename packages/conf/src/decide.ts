/** The table's way to read a stanza of words: which of its forms it has, and the values of its arguments. */

import { type IllegalArgument, parseArgument } from './argument.js';
import type { BugNumber, Place } from './diagnostic.js';
import type { Point } from './lexer.js';
import type { Argument, ArgumentKind, ArgumentValues } from './stanza-rule.js';
import { STANZA_ROWS, type StanzaRow } from './stanzas.js';
import { suggest } from './suggest.js';
import { stanzaSynopsis } from './synopsis.js';
import { type Fault, faultAt, faultOfBroken, type StanzaToken } from './token.js';

export type ArgumentValue = ArgumentValues[ArgumentKind];

export type Decision =
  | { readonly ok: true; readonly values: readonly ArgumentValue[]; readonly mends: readonly BugNumber[] }
  | { readonly ok: false; readonly fault: Fault };

/** The form that the words have, or come nearest to: a literal first word decides, else their number. */
const chooseForm = (row: StanzaRow, tokens: readonly StanzaToken[]): readonly Argument[] => {
  const [plain = []] = row.forms;
  if (row.forms.length === 1) return plain;
  const first = tokens[0];
  const literal = row.forms.find((form) => form[0]?.kind === 'unlimited');
  if (literal && first?.type === 'word' && first.value === literal[0]?.name) return literal;
  const counted = row.forms.filter((form) => form !== literal);
  const longest = counted.at(-1) ?? plain;
  return counted.find((form) => form.length === tokens.length) ?? (tokens.length > longest.length ? longest : plain);
};

/** The second words that make longer names of a stanza's name, as `fd` does of `expect`. */
const longerNames = ({ name }: StanzaRow, strict: boolean): readonly string[] =>
  STANZA_ROWS.filter((row) => row.name.startsWith(`${name} `) && !(strict && row.extension)).map((row) =>
    row.name.slice(name.length + 1),
  );

/** What is wrong with a word that is none of those which may follow the stanza's name. */
const unknownWord = (token: StanzaToken, result: IllegalArgument, row: StanzaRow, strict: boolean): Fault => {
  const more = longerNames(row, strict);
  const near = token.type === 'word' ? suggest(token.value, more) : undefined;
  const hint = result.hint ?? (near === undefined ? undefined : `did you mean '${row.name} ${near}'?`);
  return illegal(token, { ...result, expected: [...result.expected, ...more], ...(hint ? { hint } : {}) }, row);
};

const illegal = (token: StanzaToken, { code, expected, bug, hint }: IllegalArgument, row: StanzaRow): Fault => {
  // The original loses the line of these two.
  const lineless = code === 'illegal-signal' ? 'B5' : undefined;
  const number = bug ?? lineless;
  return faultAt(code, token, {
    expected,
    ...(hint === undefined ? {} : { hint }),
    ...(number === undefined || row.extension ? {} : { bug: number }),
  });
};

/** Manual and debug do not end their line in the original. */
const surplusBug = (row: StanzaRow): { readonly bug?: BugNumber } =>
  row.name === 'manual' || row.name === 'debug' ? { bug: 'B6' } : {};

/**
 * Decide the form of a stanza of words and read its arguments from left to right.
 * @param end where a missing word should stand
 * @param strict without what Upstart 1.13 doesn't know
 */
export const decide = (row: StanzaRow, tokens: readonly StanzaToken[], end: Point, strict: boolean): Decision => {
  const form = chooseForm(row, tokens);
  const values: ArgumentValue[] = [];
  const mends: BugNumber[] = [];
  let at = 0;
  for (const argument of form) {
    do {
      const token = tokens[at];
      const value = readArgument(row, argument, token, end, strict);
      if (!value.ok) return value;
      if (token?.type === 'word' && token.value === '') mends.push('B2');
      values.push(value.value);
      at += 1;
    } while (argument.repeat && at < tokens.length);
  }
  const surplus = tokens[at];
  if (surplus) {
    const fault = faultAt('unexpected-token', surplus, { expected: stanzaSynopsis(row), ...surplusBug(row) });
    return { ok: false, fault };
  }
  return { ok: true, values, mends };
};

const missing = (row: StanzaRow, name: string, place: Place): Fault =>
  faultAt('expected-token', place, {
    expected: [name],
    hint: `the stanza is: ${stanzaSynopsis(row).join(' | ')}`,
  });

const readArgument = (
  row: StanzaRow,
  { kind, name }: Argument,
  token: StanzaToken | undefined,
  end: Point,
  strict: boolean,
): { readonly ok: true; readonly value: ArgumentValue } | { readonly ok: false; readonly fault: Fault } => {
  if (!token) return { ok: false, fault: missing(row, name, { ...end, length: 0 }) };
  if (token.type === 'broken') return { ok: false, fault: faultOfBroken(token) };
  const text = token.type === 'word' ? token.value : '';
  if (text === '' && kind !== 'text') return { ok: false, fault: missing(row, name, token) };
  const result = parseArgument(kind, text, strict);
  if (result.ok) return result;
  const isWord = result.code === 'unknown-stanza';
  return { ok: false, fault: isWord ? unknownWord(token, result, row, strict) : illegal(token, result, row) };
};
