import { defineJob } from '@maverick/conf';
import type { Effect, Input } from '@maverick/engine';
import { expect, test } from 'vitest';
import { factLine, inputLine, isNews } from '../src/journal.js';

const MOMENT = { at: 12.5, wall: Date.UTC(2020, 0, 2, 3, 4, 5, 6) };
const HEAD = { at: 12.5, time: '2020-01-02T03:04:05.006Z' };
const instance = { session: '', job: 'web', instance: '1' };
const cause = { input: 3, event: 2 };

test('an input stands there whole, with the number that causes refer to', () => {
  const input: Input = { kind: 'emit', at: 12.5, session: '', name: 'boot', env: ['A=1'] };
  expect(inputLine(input, 3, MOMENT)).toEqual({ ...HEAD, what: 'input', session: '', number: 3, input });
});

test('an effect names session, job, instance and cause', () => {
  const effect: Effect = { kind: 'state-changed', instance, from: 'waiting', to: 'starting', cause };
  expect(factLine(effect, MOMENT)).toEqual({
    ...HEAD,
    what: 'state-changed',
    ...instance,
    cause,
    from: 'waiting',
    to: 'starting',
  });
});

test('a started process leaves its definition and environment out', () => {
  const effect: Effect = {
    kind: 'spawn',
    process: 4,
    instance,
    role: 'main',
    definition: defineJob({}),
    env: ['SECRET=1'],
    fds: [],
    cause,
  };
  expect(factLine(effect, MOMENT)).toEqual({
    ...HEAD,
    what: 'spawn',
    ...instance,
    cause,
    process: 4,
    role: 'main',
    fds: [],
  });
});

test('an exception is told by its text', () => {
  const line = factLine({ kind: 'fault', during: 'reply', error: new Error('bug') }, MOMENT);
  expect(line).toEqual({ ...HEAD, what: 'fault', during: 'reply', error: 'Error: bug' });
});

test.each([
  { priority: 'debug', news: false },
  { priority: 'info', news: false },
  { priority: 'message', news: true },
  { priority: 'warn', news: true },
] as const)('a message of priority $priority is news: $news', ({ priority, news }) => {
  expect(isNews({ kind: 'log', priority, message: 'text', cause })).toBe(news);
});
