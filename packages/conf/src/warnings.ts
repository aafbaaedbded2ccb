/** What is legal but surely not meant. */

import { type Diagnostic, type Place, WARNINGS, type WarningCode } from './diagnostic.js';
import type { EventOperator, JobConf } from './job-conf.js';
import type { Point } from './lexer.js';
import { pointAt } from './lexer.js';
import type { ReadStanza } from './stanza-reader.js';
import type { StanzaName } from './stanzas.js';
import type { StanzaToken, WordToken } from './token.js';
import { APOSTROPHE_HINT, isApostrophe } from './word.js';

const warning = (code: WarningCode, { line, column, length }: Place, hint: string): Diagnostic => ({
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

/** Where the quoted section ends that begins at `start`, behind its closing quote. */
const quoteEnd = (text: string, start: number, end: number): number => {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < end && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
};

/** The first apostrophe between `start` and `end` that opens a quoted section over several lines. */
const findApostrophe = (text: string, start: number, end: number): number | undefined => {
  // Looked for again only behind the last one: a long line may have as many quotes as characters.
  let newline = text.indexOf('\n', start);
  for (let at = start; at < end && newline >= 0; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"' || char === "'") {
      const close = quoteEnd(text, at, end);
      if (newline < at) newline = text.indexOf('\n', at);
      if (newline >= 0 && newline < close && isApostrophe(text, at)) return at;
      at = close - 1;
    }
  }
  return undefined;
};

/**
 * The warnings about a stanza that may go over several lines.
 * @param text the whole text of the file
 * @param end where the stanza ends
 */
export const warningsOfLines = ({ row, name, tokens }: ReadStanza, text: string, end: Point): readonly Diagnostic[] => {
  const first = name[0];
  const last = tokens.at(-1);
  if (row.body === 'block' || !first || !last || first.line === end.line) return [];
  const at = findApostrophe(text, first.offset, last.offset + last.length);
  return at === undefined
    ? []
    : [warning('quote-over-lines', { ...pointAt(text, at, first), length: 1 }, APOSTROPHE_HINT)];
};

/** The warnings about what the stanzas of a job say together. */
export const warningsOfJob = (conf: JobConf, places: ReadonlyMap<StanzaName, Place>): readonly Diagnostic[] => {
  const found: Diagnostic[] = [];
  const expect = places.get('expect');
  const respawn = places.get('respawn');
  if (expect && conf.processes?.main?.script && (conf.expect === 'fork' || conf.expect === 'daemon')) {
    const hint = 'a shell forks for each command: use exec, or let the script make its preparations in pre-start';
    found.push(warning('expect-with-script', expect, hint));
  }
  if (respawn && conf.task && conf.respawn) {
    found.push(
      warning('respawn-of-task', respawn, 'a task that exits 0 has finished, and only a failed one is respawned'),
    );
  }
  return found;
};
