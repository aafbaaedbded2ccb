import { describe, expect, test } from 'vitest';
import { screenWidth, wrapText } from '../src/text-wrap.js';

describe('wrapping', () => {
  test.each([
    { text: '', width: 10, indent: 0, lines: [''] },
    { text: 'short', width: 10, indent: 0, lines: ['short'] },
    { text: 'exactly so', width: 10, indent: 0, lines: ['exactly so'] },
    { text: 'one two three four', width: 9, indent: 2, lines: ['one two', '  three', '  four'] },
    { text: 'incomprehensibility is long', width: 6, indent: 2, lines: ['incomprehensibility', '  is', '  long'] },
    { text: 'end.  Two blanks', width: 30, indent: 0, lines: ['end.  Two blanks'] },
    { text: 'first\n\nsecond', width: 30, indent: 2, lines: ['first', '', 'second'] },
  ])('$text to $width columns', ({ text, width, indent, lines }) => {
    expect(wrapText(text, width, indent)).toEqual(lines);
  });
});

describe('the width of the screen', () => {
  test.each([
    { columns: '120', terminal: 100, width: 120 },
    { columns: undefined, terminal: 100, width: 100 },
    { columns: undefined, terminal: undefined, width: 80 },
    { columns: '', terminal: 100, width: 100 },
    { columns: '0', terminal: undefined, width: 80 },
    { columns: '10x', terminal: undefined, width: 80 },
  ])('COLUMNS=$columns on a terminal of $terminal: $width', ({ columns, terminal, width }) => {
    expect(screenWidth(columns, terminal)).toBe(width);
  });
});
