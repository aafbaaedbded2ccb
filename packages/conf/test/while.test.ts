import { describe, expect, test } from 'vitest';
import type { StateExpression } from '../src/job-conf.js';
import { confOf, errorsOf, placesOf } from './helpers.js';

const show = (expression: StateExpression): string => {
  switch (expression.kind) {
    case 'term':
      return [expression.job, ...expression.args].join(' ');
    case 'not':
      return `not ${show(expression.operand)}`;
    case 'and':
    case 'or':
      return `(${show(expression.left)} ${expression.kind} ${show(expression.right)})`;
  }
};

describe('while', () => {
  test.each([
    { text: 'network', tree: 'network' },
    { text: 'a and b or c', tree: '((a and b) or c)' },
    { text: 'a or b and c', tree: '((a or b) and c)' },
    { text: 'not a or b', tree: '(not a or b)' },
    { text: 'not (a or b)', tree: 'not (a or b)' },
    { text: 'not not a', tree: 'not not a' },
    {
      text: 'net-up IFACE=eth* MTU!=0 and (dbus or not container)',
      tree: '(net-up IFACE=eth* MTU!=0 and (dbus or not container))',
    },
    { text: '(a\n\n  or b)', tree: '(a or b)' },
    { text: '"not"', tree: 'not' },
  ])('$text', ({ text, tree }) => {
    const parsed = confOf(`while ${text}\n`).while;
    expect(parsed && show(parsed)).toBe(tree);
  });

  test.each([
    { text: 'while', place: '1:6: Expected token' },
    { text: 'while a b', place: '1:9: Expected operator' },
    { text: 'while (a) K=v', place: '1:11: Expected operator' },
    { text: 'while a not b', place: '1:9: Expected operator' },
    { text: 'while K=v', place: '1:7: Expected job' },
    { text: 'while a and', place: '1:9: Expected job' },
    { text: 'while not', place: '1:7: Expected job' },
    { text: 'while (a or b', place: '1:14: Mismatched parentheses' },
    { text: 'while a)', place: '1:8: Mismatched parentheses' },
  ])('$text is an error at $place', ({ text, place }) => {
    expect(placesOf(text)).toEqual([place]);
  });

  test.each([
    { name: 'manual makes a guard of a while before it', text: 'while a\nmanual\n', guard: true },
    { name: 'manual leaves a while behind it alone', text: 'manual\nwhile a\n', guard: undefined },
  ])('$name', ({ text, guard }) => {
    expect(confOf(text).whileIsGuard).toBe(guard);
  });

  test.each(['while a', 'start timeout 5', 'expect notify', 'expect fd 3', 'import A', 'log pipe'])(
    'strict reading refuses %s and says why',
    (text) => {
      expect(errorsOf(text, { strict: '1.13' })).toMatchObject([
        { message: 'Unknown stanza', hint: expect.stringContaining('is an extension') },
      ]);
    },
  );
});
