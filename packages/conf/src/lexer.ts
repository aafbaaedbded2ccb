/**
 * The lexer: pieces of words, quotes, blanks and lines.
 *
 * What a character means depends on the stanza that is being read, so the reader chooses the state between two pieces.
 * Every rule is a plain run of characters; nothing here can backtrack, whatever the text.
 *
 * @see specification of the language, section 1
 */

import moo from 'moo';
import type { BugNumber } from './diagnostic.js';

/** What lexes a stanza's remainder: words, one command line, an event expression, or the lines of a block. */
export type LexerState = 'words' | 'command' | 'expression' | 'block';

type PieceType =
  | 'blank'
  | 'text'
  | 'escape'
  | 'trailingSlash'
  | 'single'
  | 'double'
  | 'unquote'
  | 'newline'
  | 'continuation'
  | 'comment'
  | 'open'
  | 'close'
  | 'blockLine'
  | 'blockEnd';

/** A piece with its place; `line` and `col` count from 1. */
export interface Piece {
  readonly type: PieceType;
  readonly text: string;
  offset: number;
  readonly line: number;
  readonly col: number;
  readonly lineBreaks: number;
}

/** A point in the text; `line` and `column` count from 1, `offset` from 0. */
export interface Point {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** The point at `offset`, counted from a point before it. */
export const pointAt = (text: string, offset: number, from: Point): Point => {
  let line = from.line;
  let start = from.offset - from.column + 1;
  for (let at = text.indexOf('\n', from.offset); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { offset, line, column: offset - start + 1 };
};

const newline = { match: '\n', lineBreaks: true };
// The original takes `\`, CR, LF for an escaped CR, so that files with CRLF line ends cannot continue a line.
const continuation = { match: /\\\r?\n/, lineBreaks: true };
const escaped = /\\[^\n]/;
const trailingSlash = /\\/;
const outside = {
  newline,
  continuation,
  escape: escaped,
  trailingSlash,
  comment: /#[^\n]*/,
  single: { match: "'", push: 'single' },
  double: { match: '"', push: 'double' },
};

/** moo's clone() keeps the compiled states; it is not in its published types. */
type CompiledLexer = moo.Lexer & { clone(): moo.Lexer };

const compile = (): CompiledLexer =>
  moo.states(
    {
      words: { blank: /[ \t\r]+/, text: /[^ \t\r\n#"'\\]+/, ...outside },
      expression: { blank: /[ \t\r]+/, text: /[^ \t\r\n#"'\\()]+/, open: '(', close: ')', ...outside },
      command: { text: /[^\n#"'\\]+/, ...outside },
      single: {
        text: /[^\n'\\]+/,
        newline,
        continuation,
        escape: escaped,
        trailingSlash,
        unquote: { match: "'", pop: 1 },
      },
      double: {
        text: /[^\n"\\]+/,
        newline,
        continuation,
        escape: escaped,
        trailingSlash,
        unquote: { match: '"', pop: 1 },
      },
      block: {
        blockEnd: { match: /[ \t\r]*end[ \t\r]+script[ \t\r]*(?:#[^\n]*)?(?:\n|(?![\s\S]))/, lineBreaks: true },
        blockLine: { match: /[^\n]*\n|[^\n]+/, lineBreaks: true },
      },
    },
    'words',
  ) as CompiledLexer;

let compiled: CompiledLexer | undefined;

/** A lexer of its own for each text. Most texts need none, so the states are compiled when the first one does. */
const newLexer = (): moo.Lexer => {
  compiled ??= compile();
  return compiled.clone();
};

/** The pieces of a text from where {@link PieceStream.seek} says, with one piece of look-ahead. */
export class PieceStream {
  readonly text: string;
  /** The piece ahead; `undefined` at the end of the text. */
  ahead: Piece | undefined;
  /** The mended bugs that the pieces since the last {@link takeMends} made a difference for. */
  private readonly mends = new Set<BugNumber>();
  private ownLexer: moo.Lexer | undefined;
  private base = 0;

  constructor(text: string) {
    this.text = text;
  }

  private get lexer(): moo.Lexer {
    this.ownLexer ??= newLexer();
    return this.ownLexer;
  }

  /** The point of the piece ahead, or of the text's end. */
  get point(): Point {
    if (this.ahead) return { offset: this.ahead.offset, line: this.ahead.line, column: this.ahead.col };
    const { line, col } = this.lexer.save();
    return { offset: this.text.length, line, column: col };
  }

  /** Take the piece ahead. */
  next(): Piece | undefined {
    const taken = this.ahead;
    // The types of moo's tokens are the names of the rules above.
    const token = this.lexer.next() as Piece | undefined;
    if (token) token.offset += this.base;
    this.ahead = token;
    return taken;
  }

  /** Lex what follows the piece ahead in `state`. */
  enter(state: LexerState): void {
    this.lexer.setState(state);
  }

  /** Go on at `point`, which must be outside of quotes. */
  seek({ offset, line, column }: Point): void {
    this.base = offset;
    this.lexer.reset(this.text.slice(offset), { state: 'words', line, col: column });
    this.next();
  }

  /** Skip blanks and escaped newlines. */
  skipBlanks(): void {
    while (this.ahead?.type === 'blank' || this.ahead?.type === 'continuation') {
      if (this.ahead.type === 'continuation') this.markContinuation(this.ahead);
      this.next();
    }
  }

  mark(bug: BugNumber): void {
    this.mends.add(bug);
  }

  markContinuation(piece: Piece): void {
    if (piece.text.length > 2) this.mark('CRLF');
  }

  takeMends(): readonly BugNumber[] {
    if (this.mends.size === 0) return NONE;
    const mends = [...this.mends];
    this.mends.clear();
    return mends;
  }
}

const NONE: readonly BugNumber[] = [];
