/** The tokens of a stanza: what its grammar rule and the stanza table see. */

import type { BugNumber, ErrorCode, Place } from './diagnostic.js';
import type { Point } from './lexer.js';

interface TokenBase extends Point {
  /** Length of the source text in UTF-16 code units. */
  readonly length: number;
}

/** One word: `value` without quotes and escapes, `raw` as it is written. */
export interface WordToken extends TokenBase {
  readonly type: 'word';
  readonly value: string;
  readonly raw: string;
}

/** The remainder of an `exec` line, quotes kept, line breaks folded. */
export interface CommandToken extends TokenBase {
  readonly type: 'command';
  readonly value: string;
}

/** A `script` block without its common indent. */
export interface BlockToken extends TokenBase {
  readonly type: 'block';
  readonly value: string;
}

export interface ParenthesisToken extends TokenBase {
  readonly type: '(' | ')';
}

/** Text that is no token: nothing of the stanza follows it. It counts only when somebody wants to read it. */
export interface BrokenToken extends TokenBase {
  readonly type: 'broken';
  readonly code: ErrorCode;
  /** Where it was found: the original's line for it. */
  readonly found: Point;
  readonly hint?: string;
  readonly related?: Place & { readonly message: string };
}

export type StanzaToken = WordToken | CommandToken | BlockToken | ParenthesisToken | BrokenToken;

/** An error in a stanza, before it becomes a diagnostic. */
export interface Fault extends Place {
  readonly code: ErrorCode;
  readonly expected?: readonly string[];
  readonly hint?: string;
  readonly bug?: BugNumber;
  readonly related?: Place & { readonly message: string };
}

/** The fault of a token that is not what it should be. */
export const faultAt = (code: ErrorCode, { line, column, length }: Place, more: Partial<Fault> = {}): Fault => ({
  code,
  line,
  column,
  length,
  ...more,
});

/** The fault of wanting to read a broken token. */
export const faultOfBroken = ({ code, found, hint, related }: BrokenToken): Fault => ({
  code,
  line: found.line,
  column: found.column,
  length: 0,
  ...(hint === undefined ? {} : { hint }),
  ...(related ? { related } : {}),
});
