import { describe, expect, test } from 'vitest';
import { banner, isWarned, minutesFrom } from '../src/shutdown-time.js';

const NOON = new Date(2026, 0, 2, 12, 0, 59);

describe('when', () => {
  test.each([
    { time: 'now', minutes: 0 },
    { time: '+0', minutes: 0 },
    { time: '+5', minutes: 5 },
    { time: '5', minutes: 5 },
    { time: '12:01', minutes: 1 },
    { time: '12:00', minutes: 0 },
    { time: '11:59', minutes: 24 * 60 - 1 },
    { time: '0:0', minutes: 12 * 60 },
    { time: '23:59', minutes: 12 * 60 - 1 },
  ])('$time: in $minutes minutes', ({ time, minutes }) => {
    expect(minutesFrom(time, NOON)).toBe(minutes);
  });

  test.each([
    { time: '24:00', code: 'illegal-hour' },
    { time: ':30', code: 'illegal-hour' },
    { time: 'x:30', code: 'illegal-hour' },
    { time: '12:60', code: 'illegal-minute' },
    { time: '12:', code: 'illegal-minute' },
    { time: '12:5x', code: 'illegal-minute' },
    { time: '12:05:00', code: 'illegal-minute' },
    { time: '+x', code: 'illegal-time' },
    { time: '+', code: 'illegal-time' },
    { time: '', code: 'illegal-time' },
    { time: '-5', code: 'illegal-time' },
    { time: '5m', code: 'illegal-time' },
    { time: 'NOW', code: 'illegal-time' },
  ])('not $time: $code', ({ time, code }) => {
    expect(() => minutesFrom(time, NOON)).toThrow(expect.objectContaining({ code }));
  });
});

test('how often it is told: the nearer, the more often', () => {
  const warned = Array.from({ length: 301 }, (_, minutes) => minutes).filter(isWarned);
  expect(warned).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 30, 45, 60, 90, 120, 150, 180, 240, 300]);
});

test.each([
  { purpose: 'maintenance', minutes: 0, text: 'The system is going down for maintenance NOW!' },
  { purpose: 'reboot', minutes: 1, text: 'The system is going down for reboot in 1 minute!' },
  { purpose: 'halt', minutes: 2, text: 'The system is going down for halt in 2 minutes!' },
  { purpose: 'power off', minutes: 60, text: 'The system is going down for power off in 60 minutes!' },
] as const)('$text', ({ purpose, minutes, text }) => {
  expect(banner(purpose, minutes)).toBe(text);
});
