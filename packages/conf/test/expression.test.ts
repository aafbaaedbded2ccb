// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are job files, not templates.
import { describe, expect, test } from 'vitest';
import { toRpn } from '../src/reverse-polish.js';
import { confOf, errorsOf, placesOf } from './helpers.js';

const rpnOf = (expression: string) => toRpn(confOf(`start on ${expression}\nexec x\n`).startOn);

describe('an event expression', () => {
  test.each([
    { text: 'a', rpn: [['a']] },
    { text: 'a 1 K=v J!=w', rpn: [['a', '1', 'K=v', 'J!=w']] },
    { text: 'a and b', rpn: [['a'], ['b'], ['/AND']] },
    { text: 'a or b and c', rpn: [['a'], ['b'], ['/OR'], ['c'], ['/AND']] },
    { text: 'a and b or c', rpn: [['a'], ['b'], ['/AND'], ['c'], ['/OR']] },
    { text: 'a and (b or c)', rpn: [['a'], ['b'], ['c'], ['/OR'], ['/AND']] },
    { text: '(a and b) or (c and d)', rpn: [['a'], ['b'], ['/AND'], ['c'], ['d'], ['/AND'], ['/OR']] },
    { text: '(((a)))', rpn: [['a']] },
    { text: 'not a', rpn: [['not', 'a']] },
    { text: 'a "or" b', rpn: [['a', 'or', 'b']] },
    { text: 'a AND b', rpn: [['a', 'AND', 'b']] },
    { text: `a K="x (y)" 'L M=z'`, rpn: [['a', 'K=x (y)', 'L M=z']] },
    { text: 'a\\(b', rpn: [['a\\(b']] },
    { text: 'a K=$V J=${W:-x}', rpn: [['a', 'K=$V', 'J=${W:-x}']] },
    { text: 'a K=""', rpn: [['a', 'K=']] },
    { text: 'a \\\n  and \\\n  b', rpn: [['a'], ['b'], ['/AND']] },
    { text: "(a # don't (\n  or b\n)", rpn: [['a'], ['b'], ['/OR']] },
  ])('$text', ({ text, rpn }) => {
    expect(rpnOf(text)).toEqual(rpn);
  });

  test.each([
    { text: '(a\n\n  and b)', rpn: [['a'], ['b'], ['/AND']] },
    { text: '(a\n  # why\n  and b)', rpn: [['a'], ['b'], ['/AND']] },
  ])('may have blank and comment lines in a group: $text', ({ text, rpn }) => {
    expect(rpnOf(text)).toEqual(rpn);
  });

  test.each([
    { text: 'start on', place: '1:9: Expected token' },
    { text: 'start on a ""', place: '1:12: Expected token' },
    { text: 'start on and a', place: '1:10: Expected event' },
    { text: 'start on a and or b', place: '1:16: Expected event' },
    { text: 'start on a or ()', place: '1:16: Expected event' },
    { text: 'start on a or\n\nexec x', place: '1:12: Expected event' },
    { text: 'start on (', place: '1:10: Expected event' },
    { text: 'start on (a) b', place: '1:14: Expected operator' },
    { text: 'start on a(b)', place: '1:11: Expected operator' },
    { text: 'start on (a)(b)', place: '1:13: Expected operator' },
    { text: 'start on (a) \\\n b', place: '2:2: Expected operator' },
    { text: 'start on a K=v p', place: '1:16: Expected variable name before value' },
    { text: 'start on a K=v \\\np \\\n b', place: '3:2: Expected variable name before value' },
    { text: 'start on a)', place: '1:11: Mismatched parentheses' },
    { text: 'start on (a\n', place: '2:1: Mismatched parentheses' },
    { text: 'start at a', place: '1:7: Unknown stanza' },
    { text: 'start "on" a', place: '1:7: Unknown stanza' },
  ])('$text is an error at $place', ({ text, place }) => {
    expect(placesOf(text)[0]).toBe(place);
  });
});

describe('a group that is never closed', () => {
  test('is reported where it is opened if it swallows stanzas, and these are read all the same', () => {
    const text = 'exec x\nstart on (a\n  or b\nrespawn\nnice 99\n';
    expect(placesOf(text)).toEqual(['2:10: Mismatched parentheses', '5:6: Illegal nice value, expected -20 to 19']);
    expect(errorsOf(text)[0]?.bug).toBe('B4');
  });

  test('is not the error that is reported if there is one before', () => {
    expect(placesOf('start on (a or or b\nexec x\n')[0]).toBe('1:16: Expected event');
  });

  test('is pointed at by the error of a blank line in it', () => {
    expect(errorsOf('start on (a\n\nexec x\n')[0]).toMatchObject({
      message: 'Expected token',
      line: 2,
      related: { line: 1, column: 10 },
    });
  });
});
