import { describe, expect, test } from 'vitest';
import { knownEvents } from '../src/known-events.js';
import { lint } from '../src/lint.js';
import { jobsOf, type Texts } from './helpers.js';

/** The findings as `CODE JOB: MESSAGE`. */
const findings = (texts: Texts, options = {}): readonly string[] =>
  lint(jobsOf(texts), options).map(({ code, job, message }) => `${code} ${job}: ${message}`);

describe('nothing is found where', () => {
  test.each<{ name: string; texts: Texts; options?: object }>([
    { name: 'init emits the event', texts: { a: 'start on startup', b: 'stop on control-alt-delete' } },
    { name: 'a job says that it emits it', texts: { a: 'emits net-up', b: 'start on net-up' } },
    { name: 'a job emits a pattern that it matches', texts: { a: 'emits net-*', b: 'start on net-up IFACE=lo' } },
    { name: 'it is told to be somebody’s', texts: { a: 'start on net' }, options: { events: ['net'] } },
    { name: 'the session ends', texts: { a: 'stop on session-end' }, options: { userSession: true } },
    { name: 'the job exists', texts: { a: 'start on startup', b: 'start on started a\nstop on stopping JOB=a' } },
    { name: 'a job of any name will do', texts: { a: 'start on startup', b: 'start on started' } },
    { name: 'a job matches the pattern', texts: { 'net-a': '', b: 'start on started JOB=net-*' } },
    { name: 'all jobs but one will do', texts: { a: '', b: 'start on started JOB!=nobody' } },
    { name: 'only the running system knows the name', texts: { a: 'stop on stopping $JOB', b: 'start on :sys:net' } },
    { name: 'a job is started by hand', texts: { a: '', b: 'start on started a', c: 'while b\nmanual' } },
    { name: 'a state may end', texts: { a: 'start on startup', b: 'while not a' } },
    { name: 'one side of an or can happen', texts: { a: 'start on startup or started a' } },
  ])('$name', ({ texts, options = {} }) => {
    expect(findings(texts, options)).toEqual([]);
  });
});

describe('a finding is', () => {
  test.each<{ name: string; texts: Texts; found: readonly string[] }>([
    {
      name: 'an event that nobody emits',
      texts: { a: 'start on startup\nstop on net' },
      found: ['unknown-event a: stop on: unknown event net'],
    },
    {
      name: 'a job that nobody has',
      texts: { a: 'start on startup\nstop on stopped b or stopping JOB=c' },
      found: ['unknown-job a: stop on: unknown job b', 'unknown-job a: stop on: unknown job c'],
    },
    {
      name: 'a state that nobody has',
      texts: { a: 'while not b' },
      found: ['unknown-job a: while: unknown job b'],
    },
    {
      name: 'a job that does not start by itself',
      texts: { a: 'start on net and startup', b: 'start on started a' },
      found: [
        'unknown-event a: start on: unknown event net',
        'never-starts a: does not start by itself, as far as the files tell: without a command nothing in them brings about event net',
        'never-starts b: does not start by itself, as far as the files tell: without a command nothing in them brings about job a',
      ],
    },
    {
      name: 'two jobs that wait for each other',
      texts: { a: 'start on started b', b: 'start on started a' },
      found: ['start-cycle a: start on: cycle of a, b: a waits for b, b waits for a'],
    },
    {
      name: 'an event of a job that does not start by itself',
      texts: { a: 'start on b\nemits b' },
      found: [
        'never-starts a: does not start by itself, as far as the files tell: without a command nothing in them brings about event b',
      ],
    },
    {
      name: 'a guard that can never hold',
      texts: { a: 'start on startup\nwhile b', b: 'while b' },
      found: [
        'never-starts a: does not start by itself, as far as the files tell: without a command nothing in them brings about job b',
        'while-cycle b: while: cycle of b',
      ],
    },
    {
      name: 'a cycle of while',
      texts: { a: '', b: 'while a or d', c: 'while b', d: 'while c and a', e: 'while d' },
      found: ['while-cycle b: while: cycle of b, c, d'],
    },
  ])('$name', ({ texts, found }) => {
    expect(findings(texts)).toEqual(found);
  });
});

test('what findings are made of comes as data', () => {
  expect(lint(jobsOf({ a: 'start on net' }))).toMatchObject([
    { code: 'unknown-event', job: 'a', stanza: 'start on', event: 'net' },
    { code: 'never-starts', job: 'a', missing: [{ kind: 'event', name: 'net' }] },
  ]);
});

test('a job is known by its name or by a pattern, an event by its name alone', () => {
  const { isKnownEvent, isKnownJob } = knownEvents(jobsOf({ web: 'emits net-*' }));
  expect([isKnownJob('web'), isKnownJob('w*'), isKnownJob('x*'), isKnownEvent('net-up'), isKnownEvent('n*')]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
});

test('thousands of jobs that follow each other take one look each', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `j${index}`);
  const chain = Object.fromEntries(
    names.map((name, index) => [name, `start on started j${index + 1}\nwhile j${index + 1}`]),
  );
  expect(findings({ ...chain, j2999: 'start on startup' })).toEqual([]);
});

test('deep expressions take no recursion', () => {
  const deep = `${'('.repeat(50_000)}startup or (net and startup)${' or startup)'.repeat(50_000)}`;
  expect(lint(jobsOf({ a: `start on ${deep}` })).map(({ code }) => code)).toEqual(['unknown-event']);
});
