/**
 * What is wrong, or surely not meant, in a configuration file.
 *
 * An error's `message` is the original's text wherever it has one, because tools and people know it; `expected`, `hint`
 * and `related` say the rest.
 *
 * @see specification of the language, sections 1.6, 1.7 and 8.3
 */

/** The numbers of the original's bugs. A diagnostic or stanza carries one where mending it makes a difference. */
export type BugNumber = 'B1' | 'B2' | 'B3' | 'B4' | 'B5' | 'B6' | 'B13' | 'B16' | 'B19' | 'B20' | 'CRLF';

/** Errors with the original's message texts. */
export const ERRORS = {
  'expected-token': 'Expected token',
  'unexpected-token': 'Unexpected token',
  'trailing-slash': 'Trailing slash in file',
  'unterminated-quote': 'Unterminated quoted string',
  'unterminated-block': 'Unterminated block',
  'unknown-stanza': 'Unknown stanza',
  'illegal-interval': 'Illegal interval, expected number of seconds',
  'illegal-exit-status': 'Illegal exit status, expected integer',
  'illegal-signal': 'Illegal signal status, expected integer',
  'illegal-umask': 'Illegal file creation mask, expected octal integer',
  'illegal-nice': 'Illegal nice value, expected -20 to 19',
  'illegal-oom': "Illegal oom adjustment, expected -16 to 15 or 'never'",
  'illegal-oom-score': "Illegal oom score adjustment, expected -999 to 1000 or 'never'",
  'illegal-limit': "Illegal limit, expected 'unlimited' or integer",
  'expected-event': 'Expected event',
  'expected-operator': 'Expected operator',
  'expected-variable': 'Expected variable name before value',
  'mismatched-parentheses': 'Mismatched parentheses',
  // The rest is ours: the original has no such stanza or no such check.
  'expected-job': 'Expected job',
  'illegal-descriptor': 'Illegal descriptor, expected 3 or more',
  'illegal-size': 'Illegal size, expected integer',
  'nul-character': 'NUL character in file',
} as const satisfies Record<string, string>;

/** What is legal but surely not meant. */
export const WARNINGS = {
  'unreachable-event': 'Event can never happen',
  'illegal-variable-name': 'Illegal variable name',
  'quoted-command': 'Quotes make one word of the whole command',
  'soft-above-hard': 'Soft limit above hard limit',
  'quote-over-lines': 'Quote inside a word goes on over lines',
  'expect-with-script': 'Forks of a script are counted',
  'respawn-of-task': 'Respawn of a task',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERRORS;
export type WarningCode = keyof typeof WARNINGS;

/** A place in a file. Lines and columns count from 1, columns and lengths in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

interface DiagnosticBase extends Place {
  readonly message: string;
  /** The file's name as it was given to the parser. */
  readonly file?: string;
  /** What could have stood here instead. */
  readonly expected: readonly string[];
  /** A suggestion for people. */
  readonly hint?: string;
  /** Set where the original, because of this bug of its own, accepts the text, says something else or names another line. */
  readonly bug?: BugNumber;
  /** Another place that helps to understand, such as the quote that was never closed. */
  readonly related?: Place & { readonly message: string };
}

/** One finding. `code` is stable; `message` is for people. */
export type Diagnostic =
  | (DiagnosticBase & { readonly severity: 'error'; readonly code: ErrorCode })
  | (DiagnosticBase & { readonly severity: 'warning'; readonly code: WarningCode });

/** The original's one-line form: `PATH:LINE: MESSAGE`; without a file only `LINE: MESSAGE`. */
export const formatDiagnostic = ({ file, line, message }: Diagnostic): string =>
  `${file === undefined ? '' : `${file}:`}${line}: ${message}`;

export interface ExcerptOptions {
  /** Use terminal colours. Default: false. */
  readonly colour?: boolean;
}

const paint = (code: number, text: string, on: boolean): string => (on ? `\u001b[${code}m${text}\u001b[0m` : text);

/** The line with a caret line below it; nothing for a place behind the last line. */
const excerpt = (lines: readonly string[], { line, column, length }: Place, colour: boolean): string[] => {
  const text = lines[line - 1]?.replace(/\r$/, '');
  if (text === undefined || text === '') return [];
  const number = String(line);
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(length, text.length - column + 1)));
  return [`${number} | ${text}`, `${' '.repeat(number.length)} | ${indent}${paint(31, carets, colour)}`];
};

/**
 * A diagnostic for people: the one-line form, the line with a caret below it, what was expected and the hint.
 * @param text the whole text of the file
 */
export const formatExcerpt = (diagnostic: Diagnostic, text: string, options: ExcerptOptions = {}): string => {
  const colour = options.colour ?? false;
  const { expected, hint, related, severity } = diagnostic;
  const lines = text.split('\n');
  const out = [`${paint(severity === 'error' ? 31 : 33, severity, colour)}: ${formatDiagnostic(diagnostic)}`];
  out.push(...excerpt(lines, diagnostic, colour));
  if (related) out.push(`${related.line}: ${related.message}`, ...excerpt(lines, related, colour));
  if (expected.length > 0) out.push(`expected: ${expected.join(', ')}`);
  if (hint !== undefined) out.push(`hint: ${hint}`);
  return out.join('\n');
};
