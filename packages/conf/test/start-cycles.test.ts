import { describe, expect, test } from 'vitest';
import { knownEvents } from '../src/known-events.js';
import { showExpression } from '../src/reverse-polish.js';
import { startCycles } from '../src/start-cycles.js';
import { jobsOf, type Texts } from './helpers.js';

/** Each cycle as `JOBS: JOB STANZA -> JOB, …`. */
const cycles = (texts: Texts): readonly string[] => {
  const jobs = jobsOf(texts);
  return startCycles(jobs, knownEvents(jobs)).map(({ jobs: members, ring }) =>
    [`${members.join(' ')}:`, ...ring.map(({ job, stanza, waitsFor }) => `${job} ${stanza} -> ${waitsFor}`)].join(' '),
  );
};

describe('a cycle is', () => {
  test.each<{ name: string; texts: Texts; found: readonly string[] }>([
    {
      name: 'three jobs, of which one waits for an event besides',
      texts: { a: 'start on startup and started c', b: 'start on started a', c: 'start on started b' },
      found: ['a b c: a start on -> c c start on -> b b start on -> a'],
    },
    {
      name: 'two that start before each other',
      texts: { a: 'start on starting b', b: 'start on starting a' },
      found: ['a b: a start on -> b b start on -> a'],
    },
    { name: 'a job that waits for itself', texts: { a: 'start on stopped a\ntask' }, found: ['a: a start on -> a'] },
    {
      name: 'a condition both sides of which lead back to it',
      texts: { a: 'start on started b or stopped c', b: 'start on started a', c: 'start on starting b' },
      found: ['a b c: a start on -> b b start on -> a'],
    },
    {
      name: 'one that goes by a pattern',
      texts: { 'net-a': 'start on started web', web: 'start on started JOB=net-*' },
      found: ['net-a web: net-a start on -> web web start on -> net-a'],
    },
    {
      name: 'one that goes by while on one of its ways',
      texts: { a: 'start on startup\nwhile b', b: 'start on started a' },
      found: ['a b: b start on -> a a while -> b'],
    },
    {
      name: 'one of while alone, which has no way by start on',
      texts: { a: 'while b', b: 'while a' },
      found: ['a b:'],
    },
    {
      name: 'each of two, and not who follows them',
      texts: {
        a: 'start on started b',
        b: 'start on started a',
        c: 'start on started d',
        d: 'start on started c',
        e: 'start on started a',
      },
      found: ['a b: a start on -> b b start on -> a', 'c d: c start on -> d d start on -> c'],
    },
    {
      name: 'the shortest way around',
      texts: { a: 'start on started b and started c', b: 'start on started c', c: 'start on started a' },
      found: ['a b c: a start on -> c c start on -> a'],
    },
  ])('$name', ({ texts, found }) => {
    expect(cycles(texts)).toEqual(found);
  });
});

describe('no cycle is', () => {
  test.each<{ name: string; texts: Texts }>([
    { name: 'an or whose other side is an event', texts: { a: 'start on net or started b', b: 'start on started a' } },
    {
      name: 'an or whose other side is a job',
      texts: { a: 'start on started b or started c', b: 'start on started a', c: '' },
    },
    {
      name: 'an or whose other side is a job that is not there: that is missing',
      texts: { a: 'start on started b or started nobody', b: 'start on started a' },
    },
    { name: 'a job that is started by hand', texts: { a: 'start on started b', b: '' } },
    {
      name: 'an event that a job of the ring says to emit: others may, too',
      texts: { a: 'start on x\nemits y', b: 'start on y\nemits x' },
    },
    { name: 'a job of another session', texts: { a: 'start on started :sys:a' } },
    { name: 'who is up as long as another is not', texts: { a: 'while not b', b: 'while not a' } },
    { name: 'a stop on', texts: { a: 'start on startup\nstop on stopped b', b: 'start on started a' } },
  ])('$name', ({ texts }) => {
    expect(cycles(texts)).toEqual([]);
  });
});

test('a step of the ring has the whole condition', () => {
  const jobs = jobsOf({ a: 'start on startup and started a' });
  const [cycle] = startCycles(jobs, knownEvents(jobs));
  expect(cycle?.ring.map(({ expression }) => showExpression(expression))).toEqual(['(startup and started a)']);
});

test('thousands of jobs in one ring', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `j${index}`);
  const ring = Object.fromEntries(names.map((name, index) => [name, `start on started j${(index + 1) % 3000}`]));
  expect(cycles(ring)[0]?.split('->')).toHaveLength(3001);
});
