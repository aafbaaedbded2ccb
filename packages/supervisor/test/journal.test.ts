import type { Input } from '@maverick/engine';
import { expect, test } from 'vitest';
import { FactEntry, inputLine, isNews, lineEntry } from '../src/journal.js';

const MOMENT = { at: 12.5, wall: Date.UTC(2020, 0, 2, 3, 4, 5, 6) };
const HEAD = { at: 12.5, time: '2020-01-02T03:04:05.006Z' };
const cause = { input: 3, event: 2 };

test('an input stands there whole, with the number that causes refer to', () => {
  const input: Input = { kind: 'emit', at: 12.5, session: '', name: 'boot', env: ['A=1'] };
  expect(inputLine(input, 3, MOMENT)).toEqual({ ...HEAD, what: 'input', session: '', number: 3, input });
});

test.each([
  { priority: 'debug', news: false },
  { priority: 'info', news: false },
  { priority: 'message', news: true },
  { priority: 'warn', news: true },
] as const)('a message of priority $priority is news: $news', ({ priority, news }) => {
  expect(isNews({ kind: 'log', priority, message: 'text', cause })).toBe(news);
});

test('an entry knows its kind and its session before it is text', () => {
  const instance = { session: 'user:alice', job: 'web', instance: '' };
  const ofInstance = new FactEntry({ kind: 'instance-added', instance, cause }, MOMENT);
  const byCause = new FactEntry({ kind: 'set-timer', timer: 1, dueAt: 5, cause: { ...cause, instance } }, MOMENT);
  const ofNobody = new FactEntry({ kind: 'exit', cause }, MOMENT);
  const read = lineEntry({ ...HEAD, what: 'set-timer', cause: { ...cause, instance } });
  expect([ofInstance, byCause, ofNobody, read].map(({ what, session }) => [what, session])).toEqual([
    ['instance-added', 'user:alice'],
    ['set-timer', 'user:alice'],
    ['exit', undefined],
    ['set-timer', 'user:alice'],
  ]);
});

test('a fact that JSON can not hold leaves a line that says so', () => {
  const round: { self?: object } = {};
  round.self = round;
  const entry = new FactEntry({ kind: 'reply', request: 1, reply: round as never, cause }, MOMENT);
  expect(JSON.parse(entry.text())).toEqual({
    ...HEAD,
    what: 'reply',
    unwritable: expect.stringContaining('TypeError'),
  });
});
