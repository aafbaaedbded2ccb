/**
 * Script blocks: the lines up to `end script`, without the indent of the first one.
 *
 * @see specification of the language, section 1.5
 */

import type { PieceStream } from './lexer.js';
import type { BlockToken, BrokenToken } from './token.js';

const INDENT = /^[ \t\r]*/;

const commonPrefix = (a: string, b: string): number => {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
};

/**
 * Remove the blanks that the first line begins with from every line, as far as all lines share them. Tabs and blanks
 * are never the same, and an empty line shares nothing: scripts rely on either.
 */
export const removeIndent = (lines: readonly string[]): string => {
  const indent = INDENT.exec(lines[0] ?? '')?.[0] ?? '';
  let shared = indent.length;
  for (const line of lines) {
    if (shared === 0) break;
    shared = Math.min(shared, commonPrefix(indent.slice(0, shared), line));
  }
  return shared === 0 ? lines.join('') : lines.map((line) => line.slice(shared)).join('');
};

/** Read the lines of a block and its end. The stream must lex blocks; afterwards it lexes words. */
export const readBlock = (stream: PieceStream): BlockToken | BrokenToken => {
  const from = stream.point;
  const lines: string[] = [];
  while (stream.ahead?.type === 'blockLine') {
    lines.push(stream.ahead.text);
    stream.next();
  }
  stream.enter('words');
  if (!stream.ahead) {
    const length = stream.text.length - from.offset;
    return { type: 'broken', code: 'unterminated-block', ...from, length, found: stream.point };
  }
  const length = stream.ahead.offset - from.offset;
  stream.next();
  return { type: 'block', value: removeIndent(lines), ...from, length };
};
