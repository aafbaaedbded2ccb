import { expect, test } from 'vitest';
import { fitsFilter, type JournalFilter, type JournalLine, jobOf, journalFileName } from '../src/index.js';

const line = (what: string, more: Partial<JournalLine> = {}): JournalLine => ({
  at: 1,
  time: '2026-11-28T10:00:00.000Z',
  what,
  ...more,
});

const RUNNING = line('state-changed', { session: '', job: 'web', instance: '1', cause: { input: 4, event: 7 } });
const START = line('input', { session: '', input: { kind: 'start', job: 'web' } });
const EMIT = line('input', { session: 'a', input: { kind: 'emit', name: 'boot' } });
const QUEUED = line('event-queued', { session: 'a', event: 7, name: 'boot', cause: { input: 4 } });

test.each<[string, JournalLine, JournalFilter, boolean]>([
  ['nothing asked for', RUNNING, {}, true],
  ['its job', RUNNING, { job: 'web' }, true],
  ['another job', RUNNING, { job: 'db' }, false],
  ['the job of an input', START, { job: 'web' }, true],
  ['an input without a job', EMIT, { job: 'web' }, false],
  ['its instance', RUNNING, { job: 'web', instance: '1' }, true],
  ['another instance', RUNNING, { job: 'web', instance: '' }, false],
  ['its kind', RUNNING, { what: 'state-changed' }, true],
  ['its session', RUNNING, { session: '' }, true],
  ['another session', RUNNING, { session: 'a' }, false],
  ['an event by name', QUEUED, { event: 'boot' }, true],
  ['the input that emits it', EMIT, { event: 'boot' }, true],
  ['another event', QUEUED, { event: 'net' }, false],
  ['a job is no event', RUNNING, { event: 'web' }, false],
  ['an event by number', QUEUED, { event: '7' }, true],
  ['what the event led to', RUNNING, { event: '7' }, true],
  ['another number', RUNNING, { event: '8' }, false],
  ['since that moment', RUNNING, { since: '2026-11-28T10:00:00.000Z' }, true],
  ['since later', RUNNING, { since: '2026-11-28T10:00:00.001Z' }, false],
  ['since a day', RUNNING, { since: '2026-11-28' }, true],
  ['until that moment', RUNNING, { until: '2026-11-28T10:00:00.000Z' }, false],
  ['until later', RUNNING, { until: '2026-11-28T10:00:00.001Z' }, true],
])('%s', (_, some, filter, fits) => expect(fitsFilter(some, filter)).toBe(fits));

test.each([
  [RUNNING, 'web'],
  [START, 'web'],
  [line('input', { input: { kind: 'define-job', name: 'db' } }), 'db'],
  [EMIT, undefined],
  [line('input', { input: 'torn' }), undefined],
])('the job of %j: %s', (some, job) => expect(jobOf(some)).toBe(job));

test('files are named by their age', () => {
  expect([0, 1, 2].map(journalFileName)).toEqual(['journal.jsonl', 'journal.1.jsonl', 'journal.2.jsonl']);
});
