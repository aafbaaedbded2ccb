import type { JournalLine } from '@maverick/engine';
import { type JournalEntry, lineEntry } from '@maverick/supervisor';
import { expect, test } from 'vitest';
import { JournalTail } from '../src/journal-tail.js';

const line = (number: number, more: Partial<JournalLine> = {}): JournalEntry =>
  lineEntry({ at: number, time: '', what: 'state-changed', ...more });

const numbers = (lines: readonly string[]): unknown[] => lines.map((text) => JSON.parse(text).at);

test('the newest lines are kept, the oldest first, and told as many as are asked for', () => {
  const tail = new JournalTail(undefined);
  for (let number = 0; number < 2500; number += 1) tail.write(line(number));
  expect(numbers(tail.tail({}, 3))).toEqual([2497, 2498, 2499]);
  expect(tail.tail({}, 5000)).toHaveLength(1000);
  expect(tail.tail({}, 0)).toEqual([]);
});

test.each([
  [{ job: 'web' }, [1, 2, 4]],
  [{ job: 'web', instance: 'b' }, [2]],
  [{ what: 'input' }, [4]],
  [{ job: 'nosuch' }, []],
])('only lines that fit %j are told', (filter, expected) => {
  const tail = new JournalTail(undefined);
  tail.write(line(1, { job: 'web', instance: 'a' }));
  tail.write(line(2, { job: 'web', instance: 'b' }));
  tail.write(line(3, { job: 'db' }));
  tail.write(line(4, { what: 'input', input: { kind: 'start', job: 'web' } }));
  expect(numbers(tail.tail(filter, 10))).toEqual(expected);
});

test('a follower hears what fits from now on, until it stops', () => {
  const tail = new JournalTail(undefined);
  const heard: string[] = [];
  tail.write(line(1));
  const stop = tail.follow({ job: 'web' }, (text) => heard.push(text));
  tail.write(line(2, { job: 'web' }));
  tail.write(line(3));
  stop();
  tail.write(line(4, { job: 'web' }));
  expect(numbers(heard)).toEqual([2]);
});

test('lines go on to the journal; where there is none, they are not wanted before somebody asks', async () => {
  const written: JournalEntry[] = [];
  const sink = { write: (entry: JournalEntry) => void written.push(entry), close: () => Promise.resolve() };
  const kept = new JournalTail(sink);
  const entry = line(1);
  kept.write(entry);
  expect([kept.wanted, written]).toEqual([true, [entry]]);
  await kept.moveTo(undefined);
  await kept.close();
  const [asked, followed] = [new JournalTail(undefined), new JournalTail(undefined)];
  expect(asked.wanted).toBe(false);
  asked.tail({}, 1);
  followed.follow({}, () => {});
  expect([asked.wanted, followed.wanted]).toEqual([true, true]);
});

test('a line that JSON can not hold says so', () => {
  const tail = new JournalTail(undefined);
  tail.write(line(1, { big: 1n }));
  expect(tail.tail({}, 1)[0]).toContain('unwritable');
});

test('what happens in other sessions does not push out what is told of the system', () => {
  const tail = new JournalTail(undefined);
  tail.write(line(0, { session: '', job: 'web' }));
  for (let number = 1; number < 5000; number += 2) {
    // Whose process has ended is told by what comes of it.
    tail.write(line(number, { what: 'input', input: { kind: 'process-exited', process: 7 } }));
    tail.write(line(number + 1, { session: 'user:alice', job: 'loop' }));
  }
  tail.write(line(5001, { session: '', job: 'web' }));
  expect(numbers(tail.tail({ job: 'web' }, 10))).toEqual([0, 5001]);
  expect(numbers(tail.tail({}, 3))).toEqual([4999, 5000, 5001]);
});
