import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.js';

test('the monotonic clock never goes back', () => {
  const times = Array.from({ length: 1_000 }, () => systemClock.now());
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('a call back comes in order, and never before its time', async () => {
  const start = systemClock.now();
  const calls: { readonly dueAt: number; readonly at: number }[] = [];
  await new Promise<void>((resolve) => {
    for (const dueAt of [start + 20, start + 1.5, start - 5]) {
      systemClock.at(dueAt, () => {
        calls.push({ dueAt, at: systemClock.now() });
        if (calls.length === 3) resolve();
      });
    }
  });
  expect(calls.map(({ dueAt }) => dueAt)).toEqual([start - 5, start + 1.5, start + 20]);
  for (const { dueAt, at } of calls) expect(at).toBeGreaterThanOrEqual(dueAt);
});

test('a call back that is cancelled does not come', async () => {
  const start = systemClock.now();
  const called: string[] = [];
  systemClock.at(start + 1, () => called.push('cancelled'))();
  await new Promise<void>((resolve) => void systemClock.at(start + 5, resolve));
  expect(called).toEqual([]);
});

test('a time beyond what the timers of Node take is not now', async () => {
  const start = systemClock.now();
  const called: string[] = [];
  const cancel = systemClock.at(start + 2 ** 40, () => called.push('far too early'));
  await new Promise<void>((resolve) => void systemClock.at(start + 5, resolve));
  cancel();
  expect(called).toEqual([]);
});
