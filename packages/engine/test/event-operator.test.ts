import type { EventOperator } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { compileCondition, fulfilling, isFulfilled } from '../src/event-operator.js';
import { compilePattern, matches } from '../src/matching.js';

const match = (name: string): EventOperator => ({ kind: 'match', name, args: [] });
const and = (left: EventOperator, right: EventOperator): EventOperator => ({ kind: 'and', left, right });
const or = (left: EventOperator, right: EventOperator): EventOperator => ({ kind: 'or', left, right });
const [A, B, C, D, E] = ['A', 'B', 'C', 'D', 'E'].map(match) as [
  EventOperator,
  EventOperator,
  EventOperator,
  EventOperator,
  EventOperator,
];

const names = (operator: EventOperator, seen: string): string => {
  const condition = compileCondition(operator);
  const isTrue = (operand: number) => seen.includes(condition.operands[operand]?.name ?? '?');
  expect(isFulfilled(condition, isTrue)).toBe(fulfilling(condition, isTrue).length > 0);
  return fulfilling(condition, isTrue)
    .map((operand) => condition.operands[operand]?.name)
    .join('');
};

test.each([
  { operator: A, seen: 'A', counts: 'A' },
  { operator: and(A, B), seen: 'A', counts: '' },
  { operator: and(A, B), seen: 'BA', counts: 'AB' },
  { operator: or(A, B), seen: 'B', counts: 'B' },
  { operator: or(A, B), seen: 'AB', counts: 'AB' },
  { operator: or(A, and(B, C)), seen: 'AB', counts: 'A' },
  { operator: and(or(A, B), C), seen: 'BC', counts: 'BC' },
  { operator: or(and(A, or(B, and(C, D))), E), seen: 'ACD', counts: 'ACD' },
])('operands that count, left to right, false parts left out: $seen gives "$counts"', ({ operator, seen, counts }) => {
  expect(names(operator, seen)).toBe(counts);
});

test('an expression of 100,000 operands does not exhaust the call stack', () => {
  let operator = match('A');
  for (let depth = 0; depth < 100_000; depth += 1) operator = depth % 2 ? and(operator, A) : or(A, operator);
  expect(isFulfilled(compileCondition(operator), () => true)).toBe(true);
});

describe('matching', () => {
  const env = ['JOB=web', 'PATH=/dev/a/b', 'PATH=second', 'EMPTY='];
  const variables = (name: string) => (name === 'W' ? 'web' : undefined);

  test.each([
    { patterns: [], result: true, what: 'no pattern is always satisfied' },
    { patterns: ['web'], result: true, what: 'a position is compared with the value there' },
    { patterns: ['web', '/dev/*'], result: true, what: 'a star matches slashes' },
    { patterns: ['web', '*', '*', '*', '*'], result: false, what: 'a missing position satisfies nothing' },
    { patterns: ['JOB=w?b'], result: true, what: 'a key is compared with its variable' },
    { patterns: ['PATH=second'], result: false, what: 'the first variable of a name counts' },
    { patterns: ['JOB!=db'], result: true, what: 'a negated key is not to match' },
    { patterns: ['NO!=x'], result: false, what: 'a missing variable satisfies nothing, negated neither' },
    { patterns: ['JOB=$W'], result: true, what: 'a value is expanded first' },
    { patterns: ['JOB=$X'], result: false, what: 'what cannot be expanded satisfies nothing' },
    { patterns: ['JOB!=$X'], result: false, what: 'nor negated' },
    { patterns: ['EMPTY='], result: true, what: 'an empty value is a value' },
  ])('$what', ({ patterns, result }) => {
    expect(matches(patterns.map(compilePattern), env, variables)).toBe(result);
  });
});

test('in a condition of `socket`, and nowhere else, PATH reads SOCKET_PATH', () => {
  const operandsOf = (name: string) =>
    compileCondition({ kind: 'match', name, args: ['PROTO=unix', 'PATH!=/x'] }).operands[0]?.patterns ?? [];
  const env = ['PROTO=unix', 'SOCKET_PATH=/y'];
  expect(matches(operandsOf('socket'), env, () => undefined)).toBe(true);
  expect(matches(operandsOf('socket'), ['PROTO=unix', 'SOCKET_PATH=/x'], () => undefined)).toBe(false);
  expect(matches(operandsOf('socket'), ['PROTO=unix', 'PATH=/y'], () => undefined)).toBe(false);
  expect(matches(operandsOf('file'), env, () => undefined)).toBe(false);
});
