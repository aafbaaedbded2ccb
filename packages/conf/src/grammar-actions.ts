/** What the rules of the grammar make of their parts. The parts of a rule are known to the rule alone, hence the casts. */

import type { EventOperator, StateExpression } from './job-conf.js';
import type { RecognizedStanza } from './recognizer.js';
import type { StanzaName } from './stanzas.js';
import type { StanzaToken, WordToken } from './token.js';

type Parts = readonly unknown[];

export const stanza =
  (name: StanzaName) =>
  (parts: Parts): RecognizedStanza => ({
    kind: 'tokens',
    name,
    tokens: parts.slice(name.split(' ').length).flat() as StanzaToken[],
  });

export const expression =
  (name: StanzaName) =>
  (parts: Parts): RecognizedStanza => ({ kind: 'expression', name, tree: parts.at(-1) as EventOperator });

/** A left-recursive list and one more word. */
export const words = ([list, word]: Parts): StanzaToken[] => {
  // Earley shares the lists of rival readings, so a new one is needed here; lists are short.
  return [...(list as StanzaToken[]), word as StanzaToken];
};

export const match = ([positionals, nameds]: Parts): EventOperator => {
  const [name, ...args] = [...(positionals as WordToken[]), ...((nameds as WordToken[] | undefined) ?? [])];
  return { kind: 'match', name: name?.value ?? '', args: args.map(({ value }) => value) };
};

export const term = ([job, nameds]: Parts): StateExpression => ({
  kind: 'term',
  job: (job as WordToken).value,
  args: ((nameds as WordToken[] | undefined) ?? []).map(({ value }) => value),
});

const binary =
  (kind: 'and' | 'or') =>
  ([left, , right]: Parts): unknown => ({ kind, left, right });

export const and = binary('and');
export const or = binary('or');
export const group = ([, inner]: Parts): unknown => inner;

export const not = ([count, operand]: Parts): StateExpression => {
  let expression = operand as StateExpression;
  for (let left = count as number; left > 0; left -= 1) expression = { kind: 'not', operand: expression };
  return expression;
};
