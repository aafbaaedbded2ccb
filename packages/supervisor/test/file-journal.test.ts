import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JOURNAL_FILE, openJournal } from '../src/file-journal.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (what: string) => ({ at: 1, time: '2020-01-01T00:00:00.000Z', what });
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text).what);

test('lines are in the file once it is closed, one JSON object each', async () => {
  const journal = openJournal(join(dir, 'deep', 'down'));
  journal.write(line('a'));
  journal.write(line('b'));
  await journal.close();
  expect(lines(join(dir, 'deep', 'down', JOURNAL_FILE))).toEqual(['a', 'b']);
});

test('a journal is continued, and nobody else can read it', async () => {
  for (const what of ['a', 'b']) {
    const journal = openJournal(dir);
    journal.write(line(what));
    await journal.close();
  }
  expect(lines(join(dir, JOURNAL_FILE))).toEqual(['a', 'b']);
  expect(statSync(join(dir, JOURNAL_FILE)).mode & 0o777).toBe(0o600);
});

test('what a slow disk cannot take is dropped and counted', async () => {
  const journal = openJournal(dir);
  const long = { ...line('long'), text: 'x'.repeat(3 * 1024 * 1024) };
  journal.write(long);
  journal.write(long);
  journal.write(line('short'));
  await journal.close();
  expect(lines(join(dir, JOURNAL_FILE))).toEqual(['journal-dropped', 'long', 'short']);
});

test('what JSON cannot write leaves a line that says so', async () => {
  const journal = openJournal(dir);
  // Node 20 cannot write a very deep value; no Node can write one that contains itself.
  const round: { self?: object } = {};
  round.self = round;
  journal.write({ ...line('round'), round });
  journal.write(line('next'));
  await journal.close();
  expect(lines(join(dir, JOURNAL_FILE))).toEqual(['round', 'next']);
  expect(readFileSync(join(dir, JOURNAL_FILE), 'utf8')).toMatch(/"unwritable":"TypeError/);
});
