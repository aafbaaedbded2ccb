import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JournalFilter, journalFileName } from '@maverick/engine';
import { lineEntry, openJournal } from '@maverick/supervisor';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followJournal } from '../src/follow-journal.js';
import { journalLines } from '../src/journal-files.js';
import type { LineFilter } from '../src/journal-text.js';
import { readJournal } from '../src/newest-lines.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (what: string, rest: object = {}) => ({ at: 1, time: '2020-01-01T00:00:00.000Z', what, ...rest });
const file = (age: number, ...lines: object[]): void =>
  writeFileSync(join(dir, journalFileName(age)), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
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
    appendFileSync(join(dir, journalFileName(0)), '{"what":"torn\n{"what":"b"}\n{"wha');
    expect(kinds(9)).toEqual(['a', 'b']);
  });

  test('leave out what has no times that a journal has', () => {
    file(0, { what: 'a' }, { ...line('b'), at: 'zz' }, { ...line('c'), time: 7 }, line('d'));
    expect(kinds(9)).toEqual(['a', 'd']);
  });

  test('are found in lines longer than what is read at once', () => {
    file(0, line('a', { text: 'ä'.repeat(300_000) }), line('b'));
    expect(readJournal(dir, 2)[0]).toMatchObject({ what: 'a', text: 'ä'.repeat(300_000) });
  });
});

describe('all lines, the oldest first', () => {
  const all = (filter?: LineFilter) => [...journalLines(dir, filter)].map(({ what }) => what);

  test('across files, torn and long lines', () => {
    expect(all()).toEqual([]);
    file(1, line('a'), line('b', { text: 'ä'.repeat(1_500_000) }));
    file(0, line('c'));
    appendFileSync(join(dir, journalFileName(0)), '{"what":"torn\n\n{"what":"no-heading"}\n{"what":"last"}');
    expect(all()).toEqual(['a', 'b', 'c', 'no-heading', 'last']);
    expect([...journalLines(dir)][1]).toMatchObject({ text: 'ä'.repeat(1_500_000) });
  });

  test.each<[LineFilter, string[]]>([
    [{ what: 'b' }, ['b']],
    [{ kinds: new Set(['a', 'c']) }, ['a', 'c']],
    [{ kinds: new Set(['a', 'c']), job: 'web' }, ['c']],
    [{ since: '2020-01-01T00:00:01' }, ['b', 'c']],
    [{ until: '2020-01-01T00:00:01' }, ['a']],
  ])('that fit %j', (filter, expected) => {
    const at = (second: number) => ({ time: `2020-01-01T00:00:0${second}.000Z` });
    file(0, line('a', at(0)), line('b', at(1)), line('c', { ...at(2), job: 'web' }));
    expect(all(filter)).toEqual(expected);
  });

  test.each<LineFilter>([
    { job: 'a"b\\c ä\u0007' },
    { instance: '\ud800/x' },
    { instance: '' },
    { session: 'user:"alice"' },
    { session: '' },
    { event: 'net-"up"' },
    { event: '12' },
    { event: '012' },
  ])('that fit %j, however the value is spelt', (filter) => {
    const [[key, value] = ['', '']] = Object.entries(filter);
    const lines = [
      line(
        'event-queued',
        key === 'event' ? (value === '12' ? { event: 12 } : { event: 3, name: value }) : { [key]: value },
      ),
      line('event-queued', { event: 121, name: 'other', job: 'other', instance: 'other', session: 'other' }),
      line('x'),
    ];
    file(0, ...lines);
    expect([...journalLines(dir, filter)]).toEqual([lines[0]]);
    expect(readJournal(dir, 9, filter)).toEqual([lines[0]]);
  });

  test('a heading is that of its own line', () => {
    file(0, line('b'));
    const texts = ['{"at":1', '{"at":1,"what":"a"}', '{"at":1}', '{"at":2,"time":"2030', JSON.stringify(line('b'))];
    writeFileSync(join(dir, journalFileName(0)), texts.join('\n'));
    expect(all()).toEqual(['a', 'b']);
    expect(all({ kinds: new Set(['a']) })).toEqual(['a']);
    expect(all({ kinds: new Set(['b']), until: '2025' })).toEqual(['b']);
  });

  test('a file that is put away in this moment leaves no others out', () => {
    file(3, line('a'));
    file(1, line('b'));
    expect(all()).toEqual(['a', 'b']);
  });

  test('without the newest files, as a crash or a copy leaves them', () => {
    file(4, line('a'));
    file(2, line('b'));
    writeFileSync(join(dir, 'journal.01.jsonl'), 'no file of a journal');
    expect(all()).toEqual(['a', 'b']);
    expect(kinds(9)).toEqual(['a', 'b']);
  });

  test('what is no file is named', () => {
    mkdirSync(join(dir, journalFileName(0)));
    expect(() => all()).toThrowError(`${join(dir, journalFileName(0))}: Not a regular file`);
  });

  test('those of a file that is put away while they are read are met once', () => {
    file(0, line('a'), line('b'));
    const lines = journalLines(dir)[Symbol.iterator]();
    expect(lines.next().value).toMatchObject({ what: 'a' });
    renameSync(join(dir, journalFileName(0)), join(dir, journalFileName(1)));
    file(0, line('c'));
    expect([lines.next().value?.what, lines.next().done]).toEqual(['b', true]);
  });
});

test('who follows while the newest file is being put away hears what comes, and nothing that was', async () => {
  file(1, line('a'));
  const heard = new Promise<string>((resolve) => {
    const leave = followJournal(dir, ({ what }) => {
      leave();
      resolve(what);
    });
  });
  file(0, line('b'));
  expect(await heard).toBe('b');
});

test('who follows hears every line from then on, in order, across rotations', async () => {
  const journal = openJournal(dir, { maxBytes: 500, files: 50 });
  journal.write(lineEntry(line('before')));
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
    journal.write(lineEntry(line('x', { at })));
    if (at % 5 === 0) await new Promise(setImmediate);
  }
  await done;
  await journal.close();
  expect(heard).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
});
