import { describe, expect, test } from 'vitest';
import { readCalendar } from '../src/calendar.js';
import { readDuration } from '../src/duration.js';

const next = (text: string, after: string): string => {
  const at = readCalendar(text)?.next(Date.parse(after));
  return at === undefined ? 'never' : new Date(at).toISOString().replace('.000Z', 'Z');
};

// 2026-11-28 is a Saturday.
test.each([
  ['Mon..Fri 09:00 UTC', '2026-11-28T07:00:00Z', '2026-11-30T09:00:00Z'],
  ['Mon..Fri 09:00 UTC', '2026-11-30T08:59:59Z', '2026-11-30T09:00:00Z'],
  ['Mon..Fri 09:00 UTC', '2026-11-30T09:00:00Z', '2026-12-01T09:00:00Z'],
  ['Fri..Mon 09:00 UTC', '2026-11-30T10:00:00Z', '2026-12-04T09:00:00Z'],
  ['Saturday,sun *-*-* 12:30:15 UTC', '2026-11-28T12:31:00Z', '2026-11-29T12:30:15Z'],
  ['*-*-01 UTC', '2026-11-28T07:00:00Z', '2026-12-01T00:00:00Z'],
  ['12-24 18:00 UTC', '2026-11-28T07:00:00Z', '2026-12-24T18:00:00Z'],
  ['*:0/15 UTC', '2026-11-28T07:16:00Z', '2026-11-28T07:30:00Z'],
  ['*:5/20 UTC', '2026-11-28T07:46:00Z', '2026-11-28T08:05:00Z'],
  ['08..10/2:00 UTC', '2026-11-28T08:00:00Z', '2026-11-28T10:00:00Z'],
  ['Fri *-*-13 00:00 UTC', '2026-11-28T07:00:00Z', '2027-08-13T00:00:00Z'],
  ['hourly UTC', '2026-11-28T07:16:00Z', '2026-11-28T08:00:00Z'],
  ['weekly UTC', '2026-11-28T07:16:00Z', '2026-11-30T00:00:00Z'],
  ['2026-12-24 18:00 Europe/Berlin', '2026-11-28T07:00:00Z', '2026-12-24T17:00:00Z'],
  ['2020-01-01 00:00 UTC', '2026-11-28T07:00:00Z', 'never'],
  // The night in which the clocks of Berlin go forward has no half past two.
  ['02:30 Europe/Berlin', '2027-03-28T00:00:00Z', '2027-03-28T01:00:00Z'],
  ['02:30 Europe/Berlin', '2027-03-28T01:00:00Z', '2027-03-29T00:30:00Z'],
  // The one in which they go back has two.
  ['02:30 Europe/Berlin', '2027-10-30T22:00:00Z', '2027-10-31T00:30:00Z'],
  ['02:30 Europe/Berlin', '2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
])('%s after %s is %s', (text, after, expected) => {
  expect(next(text, after)).toBe(expected);
});

describe('what is no time of the calendar', () => {
  test.each(['', 'noon', '25:00', '09:61', 'Mon..Foo 09:00', '2026-13-01', '1-2-3-4', '09:00 Mars/Base', '1:2:3:4'])(
    '%s',
    (text) => {
      expect(readCalendar(text)).toBeUndefined();
    },
  );
});

test.each([
  ['90', 90_000],
  ['30s', 30_000],
  ['5min', 300_000],
  ['1h 30min', 5_400_000],
  ['2 days', 172_800_000],
  ['250ms', 250],
  ['', undefined],
  ['5 parsecs', undefined],
  ['-5s', undefined],
])('a length of time: %s', (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});
