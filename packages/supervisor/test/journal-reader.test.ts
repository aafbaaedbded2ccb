import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal } from '../src/file-journal.js';
import { journalPath } from '../src/journal-files.js';
import { followJournal, type JournalFilter, readJournal } from '../src/journal-reader.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (what: string, rest: object = {}) => ({ at: 1, time: '2020-01-01T00:00:00.000Z', what, ...rest });
const file = (age: number, ...lines: object[]): void =>
  writeFileSync(journalPath(dir, age), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
const kinds = (count: number, filter?: JournalFilter) => readJournal(dir, count, filter).map(({ what }) => what);

describe('the newest lines', () => {
  test.each([
    { count: 0, expected: [] },
    { count: 1, expected: ['e'] },
    { count: 3, expected: ['c', 'd', 'e'] },
    { count: 100, expected: ['a', 'b', 'c', 'd', 'e'] },
  ])('$count of them', ({ count, expected }) => {
    file(2, line('a'));
    file(1, line('b'), line('c'));
    file(0, line('d'), line('e'));
    expect(kinds(count)).toEqual(expected);
  });

  test('of a job, an instance, a kind', () => {
    const input = { kind: 'start', job: 'web' };
    file(0, line('a', { job: 'web', instance: '1' }), line('b', { job: 'db' }), line('input', { input }), line('a'));
    expect(kinds(9, { job: 'web' })).toEqual(['a', 'input']);
    expect(kinds(9, { job: 'web', instance: '1' })).toEqual(['a']);
    expect(kinds(1, { what: 'a' })).toEqual(['a']);
  });

  test('leave out what is torn, and are none where there is no journal', () => {
    expect(kinds(9)).toEqual([]);
    file(0, line('a'));
    appendFileSync(journalPath(dir, 0), '{"what":"torn\n{"what":"b"}\n{"wha');
    expect(kinds(9)).toEqual(['a', 'b']);
  });

  test('are found in lines longer than what is read at once', () => {
    file(0, line('a', { text: 'ä'.repeat(300_000) }), line('b'));
    expect(readJournal(dir, 2)[0]).toMatchObject({ what: 'a', text: 'ä'.repeat(300_000) });
  });
});

test('who follows hears every line from then on, in order, across rotations', async () => {
  const journal = openJournal(dir, { maxBytes: 500, files: 50 });
  journal.write(line('before'));
  await journal.moveTo(dir);
  const heard: number[] = [];
  const done = new Promise<void>((resolve) => {
    const leave = followJournal(dir, ({ at }) => {
      heard.push(at);
      if (at < 200) return;
      leave();
      resolve();
    });
  });
  for (let at = 1; at <= 200; at += 1) {
    journal.write({ ...line('x'), at });
    if (at % 5 === 0) await new Promise(setImmediate);
  }
  await done;
  await journal.close();
  expect(heard).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});
