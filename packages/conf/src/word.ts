/**
 * Words and command lines: quotes, escapes, and line breaks inside them.
 *
 * @see specification of the language, sections 1.3 and 1.4
 */

import type { Piece, PieceStream, Point } from './lexer.js';
import type { BrokenToken, CommandToken, WordToken } from './token.js';

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\r';

/** Collects the text of a word or a command. Blanks and line breaks wait until it is known whether they count. */
class Folder {
  text = '';
  private blanks = '';
  private broken = false;
  private quote: Piece | undefined;
  private readonly stream: PieceStream;
  private readonly command: boolean;

  constructor(stream: PieceStream, command: boolean) {
    this.stream = stream;
    this.command = command;
  }

  /** The quote that is open. */
  get openQuote(): Piece | undefined {
    return this.quote;
  }

  add(piece: Piece): void {
    switch (piece.type) {
      case 'text':
        this.addText(piece.text);
        break;
      case 'escape':
        this.addEscape(piece.text);
        break;
      case 'single':
      case 'double':
      case 'unquote':
        this.flush();
        if (this.command) this.text += piece.text;
        this.quote = piece.type === 'unquote' ? undefined : piece;
        break;
      case 'continuation':
        this.stream.markContinuation(piece);
        this.broken = true;
        break;
      default:
        this.broken = true;
    }
  }

  private addText(text: string): void {
    const body = text.trim() === text ? text : trimBlanks(text);
    if (body === '') {
      this.blanks += text;
      return;
    }
    const start = text.indexOf(body);
    this.blanks += text.slice(0, start);
    this.flush();
    this.text += body;
    this.blanks = text.slice(start + body.length);
  }

  private addEscape(text: string): void {
    const char = text.charAt(1);
    const special = isBlank(char) || char === '\\';
    // Here the original loses the first pending blank, or swaps the backslash and the space of a line break.
    if (!special && (this.broken || this.blanks !== '')) this.stream.mark('B1');
    this.flush();
    this.text += special && !this.command ? char : text;
  }

  /** A line break with the blanks around it counts as one space. */
  private flush(): void {
    if (this.command && this.text === '') this.broken = false;
    else if (this.broken) this.text += ' ';
    else if (this.blanks !== '') this.text += this.blanks;
    this.broken = false;
    this.blanks = '';
  }
}

/** The text without blanks at both ends; other white space, such as a form feed, belongs to words. */
const trimBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start += 1;
  while (end > start && isBlank(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
};

const LETTER = /^\p{L}$/u;

/** What to do about an apostrophe such as that of `don't`. */
export const APOSTROPHE_HINT = "an apostrophe opens a string here: write \\' or put the word in double quotes";

/** Whether the character at `offset` is `'` between two letters: an apostrophe, surely not meant as a quote. */
export const isApostrophe = (text: string, offset: number): boolean =>
  text.charAt(offset) === "'" && LETTER.test(text.charAt(offset - 1)) && LETTER.test(text.charAt(offset + 1));

const brokenToken = (stream: PieceStream, from: Point, quote: Piece | undefined): BrokenToken => {
  const found = stream.point;
  const base = { type: 'broken', ...from, length: stream.text.length - from.offset, found } as const;
  if (stream.ahead?.type === 'trailingSlash') return { ...base, code: 'trailing-slash' };
  const opened = quote ?? { line: from.line, col: from.column };
  const related = { line: opened.line, column: opened.col, length: 1, message: 'the quote is opened here' };
  const hint = quote && isApostrophe(stream.text, quote.offset) ? { hint: APOSTROPHE_HINT } : {};
  return { ...base, code: 'unterminated-quote', ...hint, related };
};

/** Whether the piece ahead goes on with a word. */
const isWordPiece = (piece: Piece | undefined): boolean =>
  piece?.type === 'text' || piece?.type === 'escape' || piece?.type === 'single' || piece?.type === 'double';

/** Whether the piece ahead begins a word, if only a broken one. */
export const beginsWord = (piece: Piece | undefined): boolean => isWordPiece(piece) || piece?.type === 'trailingSlash';

/** Read a word; the piece ahead must begin one. Afterwards no word is ahead, so that the state may change. */
export const readWord = (stream: PieceStream): WordToken | BrokenToken => {
  const from = stream.point;
  const first = stream.ahead;
  if (first?.type === 'text') {
    stream.next();
    const type = stream.ahead?.type;
    if (type === 'blank' || type === 'newline' || type === undefined || type === 'comment') {
      return { type: 'word', value: first.text, raw: first.text, ...from, length: first.text.length };
    }
  }
  return readFoldedWord(stream, from, first?.type === 'text' ? first : undefined);
};

const readFoldedWord = (stream: PieceStream, from: Point, first: Piece | undefined): WordToken | BrokenToken => {
  const folder = new Folder(stream, false);
  if (first) folder.add(first);
  let end = first ? from.offset + first.text.length : from.offset;
  for (let piece = stream.ahead; ; piece = stream.ahead) {
    if (folder.openQuote ? !piece || piece.type === 'trailingSlash' : piece?.type === 'trailingSlash') {
      return brokenToken(stream, from, folder.openQuote);
    }
    if (!piece || !(folder.openQuote || isWordPiece(piece) || piece.type === 'continuation')) break;
    folder.add(piece);
    stream.next();
    if (piece.type !== 'continuation') end = piece.offset + piece.text.length;
  }
  const length = end - from.offset;
  return { type: 'word', value: folder.text, raw: stream.text.slice(from.offset, end), ...from, length };
};

/** Read the remainder of a logical line as a command, which may turn out empty. The stream must lex commands. */
export const readCommand = (stream: PieceStream): CommandToken | BrokenToken => {
  const from = stream.point;
  const folder = new Folder(stream, true);
  let end = from.offset;
  for (let piece = stream.ahead; ; piece = stream.ahead) {
    if (piece?.type === 'trailingSlash' || (!piece && folder.openQuote)) {
      return brokenToken(stream, from, folder.openQuote);
    }
    if (!piece || (!folder.openQuote && (piece.type === 'newline' || piece.type === 'comment'))) break;
    folder.add(piece);
    stream.next();
    if (piece.type === 'text') end = piece.offset + trimEnd(piece.text);
    else if (piece.type !== 'continuation') end = piece.offset + piece.text.length;
  }
  return { type: 'command', value: folder.text, ...from, length: Math.max(0, end - from.offset) };
};

const trimEnd = (text: string): number => {
  let end = text.length;
  while (end > 0 && isBlank(text.charAt(end - 1))) end -= 1;
  return end;
};
