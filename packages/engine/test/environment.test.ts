import { expect, test } from 'vitest';
import { merge, withClassEnvironment, without, withoutPrefixes } from '../src/environment.js';

test.each([
  { env: [], entries: ['A=1'], result: ['A=1'], what: 'a new variable is appended' },
  { env: ['A=1', 'B=2'], entries: ['A=3'], result: ['A=3', 'B=2'], what: 'a known one is replaced in its place' },
  { env: ['A=1'], entries: ['B=2', 'B=3'], result: ['A=1', 'B=3'], what: 'the later entry wins' },
  { env: ['A=x=y'], entries: ['A='], result: ['A='], what: 'a value may be empty or hold an equals sign' },
])('$what', ({ env, entries, result }) => expect(merge(env, entries)).toEqual(result));

test.each([
  { classEnv: ['A=1'], result: ['T=t', 'A=1'], what: 'KEY=VALUE is taken as it is' },
  { classEnv: ['I'], result: ['T=t', 'I=init'], what: 'KEY takes the value of init' },
  { classEnv: ['T'], result: [], what: 'KEY that init lacks takes the variable away' },
  {
    classEnv: ['A=1', 'A', 'B=2', 'A=3', 'I'],
    result: ['T=t', 'B=2', 'A=3', 'I=init'],
    what: 'entries count in order',
  },
])('class env: $what', ({ classEnv, result }) => {
  expect(withClassEnvironment(['T=t'], classEnv, ['I=init'])).toEqual(result);
});

test('a class of very many variables is no matter of minutes', () => {
  const classEnv = Array.from({ length: 50_000 }, (_, index) => `V${index}=x`);
  expect(withClassEnvironment(['T=t'], classEnv, [])).toHaveLength(50_001);
});

test('a variable is taken away by its exact name', () => {
  expect(without(['BAR=1', 'BARXY=2', 'B=3'], 'BARXY')).toEqual(['BAR=1', 'B=3']);
});

test('the original takes shorter names with it, and passes over the entry behind (Q7)', () => {
  expect(withoutPrefixes(['BAR=1', 'BARXY=2', 'B=3'], 'BARXY')).toEqual(['BARXY=2']);
});
