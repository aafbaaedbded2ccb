import stringWidth from 'string-width';
import type { Environment } from './command.js';

/** Text in the cells of a terminal, where some characters take two and others none. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a file or another program says, without what would command the terminal. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');

/** Nearly all that is shown: a cell for each character. */
const PLAIN = /^[ -~]*$/;

/** How many cells it takes; colours take none. */
export const cellsOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** Does the terminal show more than ASCII? As the C library decides it. */
export const showsUnicode = ({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean =>
  /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');

/** What is in the place of a text that was cut. */
export const cutMark = (env: Environment): string => (showsUnicode(env) ? '…' : '~');

/** Cut plain text so that it takes no more cells than these. @param mark one cell, in the place of what was cut */
export const fitCells = (text: string, cells: number, mark: string): string => {
  if (cellsOf(text) <= cells) return text;
  if (cells < 1) return '';
  let fitting = '';
  let taken = 0;
  for (const { segment } of segmenter.segment(text)) {
    const width = cellsOf(segment);
    if (taken + width > cells - 1) break;
    taken += width;
    fitting += segment;
  }
  return fitting + mark;
};

/** Fill up with blanks. */
export const padCells = (text: string, cells: number): string => text + ' '.repeat(Math.max(0, cells - cellsOf(text)));

/** The same with the blanks before it. */
export const padCellsBefore = (text: string, cells: number): string =>
  ' '.repeat(Math.max(0, cells - cellsOf(text))) + text;
