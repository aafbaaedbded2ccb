/** What is legal but surely not meant. */

import { type Diagnostic, WARNINGS, type WarningCode } from './diagnostic.js';
import type { EventOperator } from './job-conf.js';
import type { ReadStanza } from './stanza-reader.js';
import type { StanzaToken, WordToken } from './token.js';

const warning = (code: WarningCode, { line, column, length }: StanzaToken, hint: string): Diagnostic => ({
  severity: 'warning',
  code,
  message: WARNINGS[code],
  line,
  column,
  length,
  expected: [],
  hint,
});

const isOperator = ({ raw }: WordToken): boolean => raw === 'and' || raw === 'or';

/** The words of an event expression that name events: each first word behind an operator or a parenthesis. */
const eventNames = (tokens: readonly StanzaToken[]): readonly WordToken[] => {
  const names: WordToken[] = [];
  let expectName = true;
  for (const token of tokens) {
    if (token.type !== 'word' || isOperator(token)) expectName = true;
    else if (expectName) {
      names.push(token);
      expectName = false;
    }
  }
  return names;
};

/** Nobody can emit an event with such a name, and names are not patterns. */
const UNREACHABLE = /[=\s*?[\]$]/;

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A command that is one quoted word with blanks in it: the shell looks for a program of that name. */
const QUOTED_COMMAND = /^(["'])[^"'\\]*[ \t][^"'\\]*\1$/;

const isAbove = (soft: string, hard: string): boolean =>
  /^\d+$/.test(hard) &&
  (soft === 'unlimited' || (/^\d{1,20}$/.test(soft) && hard.length <= 20 && BigInt(soft) > BigInt(hard)));

/** The warnings about one stanza. */
export const warningsOf = ({ row, tokens, expression }: ReadStanza): readonly Diagnostic[] => {
  const [first, second, third] = tokens;
  if (expression && row.body === 'events') return unreachable(tokens, expression.operator);
  if (row.name === 'env' && first?.type === 'word' && !VARIABLE_NAME.test(first.value.split('=', 1)[0] ?? '')) {
    return [warning('illegal-variable-name', first, 'a shell cannot read a variable of this name')];
  }
  if (row.body === 'command' && first?.type === 'command' && QUOTED_COMMAND.test(first.value)) {
    return [warning('quoted-command', first, 'leave out the quotes')];
  }
  if (row.name === 'limit' && second?.type === 'word' && third?.type === 'word' && isAbove(second.value, third.value)) {
    return [warning('soft-above-hard', second, 'the kernel refuses a soft limit above the hard limit')];
  }
  return [];
};

const unreachable = (tokens: readonly StanzaToken[], operator: EventOperator | undefined): readonly Diagnostic[] => {
  // Most expressions are one event with an ordinary name.
  if (operator?.kind === 'match' && !UNREACHABLE.test(operator.name)) return [];
  return eventNames(tokens)
    .filter(({ value }) => UNREACHABLE.test(value))
    .map((name) => warning('unreachable-event', name, 'an event is named exactly, without patterns and variables'));
};
