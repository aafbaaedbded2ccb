import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { ReadyQueue } from '../src/ready-queue.js';

const drain = (queue: ReadyQueue): number[] => {
  const seen: number[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) seen.push(next);
  return seen;
};

test('numbers come out in their order', () => {
  const queue = new ReadyQueue();
  for (const number of [5, 1, 4, 2, 3]) queue.push(number);
  expect(drain(queue)).toEqual([1, 2, 3, 4, 5]);
});

test('what becomes ready behind the pass is met in the next one', () => {
  const queue = new ReadyQueue();
  for (const number of [2, 4]) queue.push(number);
  expect(queue.pop()).toBe(2);
  for (const number of [1, 3, 2]) queue.push(number);
  expect(drain(queue)).toEqual([3, 4, 1, 2]);
});

test('it gives the order of passes over the whole list', () => {
  const steps = fc.array(fc.oneof(fc.constant(undefined), fc.nat(20)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (given) => {
      const queue = new ReadyQueue();
      const model = new Set<number>();
      let position = 0;
      for (const step of given) {
        if (step !== undefined) {
          if (!model.has(step)) queue.push(step);
          model.add(step);
          continue;
        }
        const sorted = [...model].sort((a, b) => a - b);
        const expected = sorted.find((number) => number > position) ?? sorted[0];
        expect(queue.pop()).toBe(expected);
        if (expected !== undefined) model.delete(expected);
        position = expected ?? 0;
      }
    }),
  );
});
