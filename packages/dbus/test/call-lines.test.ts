import { expect, test } from 'vitest';
import { CallLines, type LinedCall } from '../src/call-lines.js';

/** Calls with what became of each. */
const stage = () => {
  const [taken, refused]: [number[], number[]] = [[], []];
  let count = 0;
  const call = (size = 100): LinedCall => {
    const number = count++;
    return { size, take: () => taken.push(number), refuse: () => refused.push(number) };
  };
  return { lines: new CallLines(), taken, refused, call };
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('calls of a user are taken one after the other, and at most so many wait', async () => {
  const { lines, taken, refused, call } = stage();
  for (let count = 0; count < 1010; count += 1) lines.add(1000, call());
  expect([taken, refused]).toEqual([[], upTo(1010).slice(1000)]);
  // Another one's.
  lines.add(1001, call());
  await expect.poll(() => taken.length).toBe(1001);
  expect(taken.filter((number) => number < 1000)).toEqual(upTo(1000));
  expect(taken.indexOf(1010)).toBe(1);
  // There is room again.
  lines.add(1000, call());
  await expect.poll(() => taken.at(-1)).toBe(1011);
});

test('at most so many bytes wait, but a large one alone is let in', async () => {
  const { lines, taken, refused, call } = stage();
  lines.add(1000, call(8_000_000));
  lines.add(1000, call());
  await expect.poll(() => taken).toEqual([0]);
  expect(refused).toEqual([1]);
  lines.add(1000, call(4_000_000));
  lines.add(1000, call());
  lines.add(1000, call(1_000_000));
  await expect.poll(() => taken).toEqual([0, 2, 3]);
  expect(refused).toEqual([1, 4]);
});

test('what has not been taken is given back, and is taken no more', async () => {
  const { lines, taken, call } = stage();
  const calls = [call(), call(), call()];
  for (const one of calls) lines.add(1000, one);
  expect(lines.clear()).toEqual(calls);
  lines.add(1000, call());
  await expect.poll(() => taken).toEqual([3]);
});
