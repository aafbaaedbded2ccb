import { expect, test } from 'vitest';
import { matchGlob } from '../src/glob.js';

test.each([
  { pattern: 'abc', text: 'abc', matches: true },
  { pattern: 'abc', text: 'abcd', matches: false },
  { pattern: 'a*', text: 'a/b/c', matches: true },
  { pattern: '*', text: '.hidden', matches: true },
  { pattern: '*', text: '', matches: true },
  { pattern: '?', text: '', matches: false },
  { pattern: 'a?c', text: 'a😀c', matches: true },
  { pattern: '*a*b*c', text: 'xxaxxbxxc', matches: true },
  { pattern: '[016]', text: '6', matches: true },
  { pattern: '[!016]', text: '6', matches: false },
  { pattern: '[^a-f]', text: 'g', matches: true },
  { pattern: '[]a]', text: ']', matches: true },
  { pattern: '[a-]', text: '-', matches: true },
  { pattern: '[z-a]', text: 'm', matches: false },
  { pattern: '[\\]]', text: ']', matches: true },
  { pattern: '[[:digit:]x]', text: '7', matches: true },
  { pattern: '[[:foo:]]', text: 'f', matches: false },
  { pattern: '[[.a.]-[=c=]]', text: 'b', matches: true },
  { pattern: '[ab', text: '[ab', matches: true },
  { pattern: 'a\\*', text: 'a*', matches: true },
  { pattern: 'a\\', text: 'a\\', matches: false },
])('$pattern matches $text: $matches', ({ pattern, text, matches }) => {
  expect(matchGlob(pattern, text)).toBe(matches);
});

test('many stars take no exponential time', () => {
  expect(matchGlob(`${'*a'.repeat(50)}b`, 'a'.repeat(5000))).toBe(false);
});
