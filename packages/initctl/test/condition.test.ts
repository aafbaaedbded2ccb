import { describe, expect, test } from 'vitest';
import { conditionEvents, conditionEventText, conditionText } from '../src/condition.js';

describe('a condition as an expression', () => {
  test.each([
    { condition: [], text: '' },
    { condition: [['stopping', 'bar', 'RESULT=ok']], text: 'stopping bar RESULT=ok' },
    { condition: [['a'], ['started', 'b'], ['/AND']], text: '(a and started b)' },
    {
      condition: [['started', 'bar'], ['hello', 'A=1', 'B!=2'], ['/OR'], ['net'], ['/AND']],
      text: '((started bar or hello A=1 B!=2) and net)',
    },
    { condition: [['a'], ['b'], ['c'], ['/OR'], ['/AND']], text: '(a and (b or c))' },
    { condition: [['e', 'A=two words']], text: 'e A=two words' },
  ])('$text', ({ condition, text }) => {
    expect(conditionText(condition)).toBe(text);
  });
});

describe('the events of a condition, one a line', () => {
  test.each([
    { event: ['net'], text: 'net (job:, env:)' },
    { event: ['hello', 'A=1', 'B!=2'], text: 'hello (job:, env: A=1 B!=2)' },
    { event: ['runlevel', '[016]'], text: 'runlevel (job:, env: [016])' },
    { event: ['started', 'bar'], text: 'started (job: bar, env:)' },
    { event: ['stopping', 'bar', 'RESULT=ok'], text: 'stopping (job: bar, env: RESULT=ok)' },
    { event: ['stopped', 'RESULT=ok', 'JOB=bar'], text: 'stopped (job: bar, env: RESULT=ok)' },
    { event: ['starting', 'INSTANCE=a', 'bar'], text: 'starting (job:, env: INSTANCE=a bar)' },
    { event: ['started'], text: 'started (job:, env:)' },
  ])('$text', ({ event, text }) => {
    expect(conditionEvents([event]).map(conditionEventText)).toEqual([text]);
  });

  test('operators leave no trace', () => {
    const condition = [['a'], ['b'], ['/OR'], ['c'], ['/AND']];
    expect(conditionEvents(condition).map(({ event }) => event)).toEqual(['a', 'b', 'c']);
  });
});
