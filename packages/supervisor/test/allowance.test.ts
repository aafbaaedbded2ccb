import { expect, test } from 'vitest';
import { Allowance } from '../src/allowance.js';
import { FakeClock } from './helpers/fake-clock.js';

const RATE = { burst: 3, perSecond: 10 };

test('gives so much at once, and then as time goes by, and no more than at once after a long time', () => {
  const clock = new FakeClock();
  const allowance = new Allowance(RATE, clock);
  const takes = () => {
    let count = 0;
    while (allowance.take()) count += 1;
    return count;
  };
  expect(takes()).toBe(3);
  clock.advance(99);
  expect(takes()).toBe(0);
  clock.advance(1);
  expect(takes()).toBe(1);
  clock.advance(3_600_000);
  expect(takes()).toBe(3);
});

test('takes nothing where there is too little', () => {
  const allowance = new Allowance(RATE, new FakeClock());
  expect([allowance.take(4), allowance.take(3), allowance.take(1)]).toEqual([false, true, false]);
});

test('knows when everything is there again', () => {
  const clock = new FakeClock();
  const allowance = new Allowance(RATE, clock);
  expect(allowance.isFull).toBe(true);
  allowance.take();
  expect(allowance.isFull).toBe(false);
  clock.advance(100);
  expect(allowance.isFull).toBe(true);
});
