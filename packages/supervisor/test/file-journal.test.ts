import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalFileName } from '@maverick/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from '../src/file-journal.js';
import { lineEntry } from '../src/journal.js';

const FILE = journalFileName(0);

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-journal-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (what: string, more: object = {}) => lineEntry({ at: 1, time: '2020-01-01T00:00:00.000Z', what, ...more });
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
  expect(lines(join(dir, 'deep', 'down', FILE))).toEqual(['a', 'b']);
});

test('a journal is continued, and nobody else can read it', async () => {
  for (const what of ['a', 'b']) {
    const journal = openJournal(dir);
    journal.write(line(what));
    await journal.close();
  }
  expect(lines(join(dir, FILE))).toEqual(['a', 'b']);
  expect(statSync(join(dir, FILE)).mode & 0o777).toBe(0o600);
});

test('a journal has one writer at a time, until that one has closed it', async () => {
  const first = openJournal(dir);
  expect(() => openJournal(dir)).toThrow(expect.objectContaining({ code: 'JournalInUse' }));
  await first.close();
  await openJournal(dir).close();
});

test('what a slow disk cannot take is dropped and counted', async () => {
  const journal = openJournal(dir, { pendingLines: 2 });
  for (const what of ['a', 'b', 'c', 'd']) journal.write(line(what));
  await journal.close();
  expect(lines(join(dir, FILE))).toEqual(['journal-dropped', 'a', 'b']);
});

test('however many lines there are in one turn of the event loop, all are written in order', async () => {
  const journal = openJournal(dir);
  for (let number = 0; number < 20_000; number += 1) journal.write(line(String(number)));
  await journal.close();
  expect(lines(join(dir, FILE))).toEqual(Array.from({ length: 20_000 }, (_, number) => String(number)));
});

test('closed here and now, it has all lines, however many waited', () => {
  const journal = openJournal(dir);
  for (let number = 0; number < 3000; number += 1) journal.write(line(String(number)));
  journal.closeNow();
  expect(lines(join(dir, FILE))).toEqual(Array.from({ length: 3000 }, (_, number) => String(number)));
});

test('a kill takes the newest lines and no others: what was said to be written is there', () => {
  const [safe, behind] = [2000, 30_000];
  const script = join(import.meta.dirname, 'fixtures/killed-in-burst.mjs');
  const { signal, stderr } = spawnSync(process.execPath, [script, dir, String(safe), String(behind)], {
    encoding: 'utf8',
  });
  expect([signal, stderr]).toEqual(['SIGKILL', '']);
  // The last one may be torn.
  const whole = readFileSync(join(dir, FILE), 'utf8').split('\n').slice(0, -1);
  expect(whole.map((text) => JSON.parse(text).number)).toEqual(Array.from(whole, (_, index) => index));
  expect(whole.length).toBeGreaterThan(safe);
  expect(whole.length).toBeLessThan(safe + behind);
});

test('what JSON cannot write leaves a line that says so', async () => {
  const journal = openJournal(dir);
  // Node 20 cannot write a very deep value; no Node can write one that contains itself.
  const round: { self?: object } = {};
  round.self = round;
  journal.write(line('round', { round }));
  journal.write(line('next'));
  await journal.close();
  expect(lines(join(dir, FILE))).toEqual(['round', 'next']);
  expect(readFileSync(join(dir, FILE), 'utf8')).toMatch(/"unwritable":"TypeError/);
});

test('a file that has grown large is put away, and only so many are kept', async () => {
  const journal = openJournal(dir, { maxBytes: 200, files: 3 });
  for (let round = 1; round <= 20; round += 1) {
    journal.write(line(`round-${round}`, { text: 'x'.repeat(100) }));
    // A file is looked at after each write; what is told at once is written at once.
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    await journal.moveTo(dir);
  }
  await journal.close();
  expect(readdirSync(dir).sort()).toEqual(['journal.1.jsonl', 'journal.2.jsonl', 'journal.jsonl']);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(400);
  expect(lines(join(dir, 'journal.1.jsonl'))).toEqual(['round-19', 'round-20']);
});

test('a line that was torn by a crash stays alone: the next one begins a line of its own', async () => {
  appendFileSync(join(dir, FILE), '{"what":"torn","at":');
  const journal = openJournal(dir);
  journal.write(line('next'));
  await journal.close();
  expect(readFileSync(join(dir, FILE), 'utf8')).toMatch(/^\{"what":"torn","at":\n\{.*"next".*\}\n$/);
});

test.each([
  { what: 'its file', remove: () => rmSync(join(dir, 'j', FILE)) },
  { what: 'its directory', remove: () => rmSync(join(dir, 'j'), { recursive: true }) },
])('a journal that loses $what goes on in another one of the name, as its only writer', async ({ remove }) => {
  const journal = openJournal(join(dir, 'j'));
  journal.write(line('a'));
  await journal.written();
  remove();
  journal.write(line('b'));
  await journal.written();
  expect(lines(join(dir, 'j', FILE))).toEqual(['b']);
  expect(() => openJournal(join(dir, 'j'))).toThrow(expect.objectContaining({ code: 'JournalInUse' }));
  await journal.close();
  await openJournal(join(dir, 'j')).close();
});

test('a journal whose directory can not be had again drops what comes, and counts it', async () => {
  const journal = openJournal(join(dir, 'j'), { maxBytes: 200 });
  journal.write(line('a'));
  await journal.written();
  rmSync(join(dir, 'j'), { recursive: true });
  writeFileSync(join(dir, 'j'), 'in the way');
  for (const what of ['b', 'c']) {
    journal.write(line(what));
    await journal.written();
  }
  rmSync(join(dir, 'j'));
  journal.write(line('d'));
  await journal.close();
  expect(lines(join(dir, 'j', FILE))).toEqual(['journal-dropped', 'd']);
  expect(readFileSync(join(dir, 'j', FILE), 'utf8')).toContain('"lines":2');
});

const SNAPSHOT = JSON.stringify({ what: 'snapshot' });

test('a new file wants a snapshot, once; the beginning of a new engine is as good', async () => {
  const journal = openJournal(dir, { maxBytes: 200, files: 3 });
  expect(journal.wantsSnapshot).toBe(true);
  journal.write(line('began'));
  journal.snapshot(undefined);
  expect(journal.wantsSnapshot).toBe(false);
  for (let count = 0; count < 4; count += 1) journal.write(line('a'));
  await journal.written();
  expect(journal.wantsSnapshot).toBe(true);
  journal.snapshot(SNAPSHOT);
  expect(journal.wantsSnapshot).toBe(false);
  journal.write(line('b'));
  await journal.moveTo(join(dir, 'other'));
  expect(journal.wantsSnapshot).toBe(true);
  await journal.close();
  expect(journal.wantsSnapshot).toBe(false);
  expect(lines(join(dir, journalFileName(1)))).toEqual(['began', 'a', 'a', 'a', 'a']);
  expect(lines(join(dir, FILE))).toEqual(['snapshot', 'b']);
});

test('who goes on in a file that is there wants none', async () => {
  writeFileSync(join(dir, FILE), `${JSON.stringify(line('a'))}\n`);
  const journal = openJournal(dir);
  expect(journal.wantsSnapshot).toBe(false);
  await journal.close();
});

test('a snapshot that would take more than half of a file is left out', async () => {
  const journal = openJournal(dir, { maxBytes: 100 });
  journal.snapshot(JSON.stringify({ what: 'snapshot', long: 'x'.repeat(60) }));
  expect(journal.wantsSnapshot).toBe(false);
  journal.write(line('a'));
  await journal.close();
  expect(lines(join(dir, FILE))).toEqual(['a']);
});

test('a full file that can not be put away does not grow', async () => {
  const journal = openJournal(dir, { maxBytes: 200 });
  // Nothing can take the name of a directory that is not empty.
  mkdirSync(join(dir, 'journal.1.jsonl', 'in the way'), { recursive: true });
  for (let round = 0; round < 20; round += 1) {
    journal.write(line('round', { text: 'x'.repeat(100) }));
    await journal.written();
  }
  await journal.close();
  expect(statSync(join(dir, FILE)).size).toBeLessThan(500);
});

test('a journal moves to another directory, or nowhere, and holds nothing of the old one', async () => {
  const [from, to] = [join(dir, 'from'), join(dir, 'to')];
  const journal = openJournal(from);
  journal.write(line('a'));
  await journal.moveTo(to);
  journal.write(line('b'));
  await journal.moveTo(undefined);
  journal.write(line('lost'));
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((path) => path.startsWith(dir))).toEqual([]);
  await journal.close();
  expect(lines(join(from, FILE))).toEqual(['a']);
  expect(lines(join(to, FILE))).toEqual(['b']);
});

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can mount a small file system');

test.skipIf(!canMount)(
  'a full disk stops nobody: lines are dropped and counted, and it goes on when there is room',
  () => {
    const script = `
    mount -t tmpfs -o size=64k none ${dir} || exit 1
    exec ${process.execPath} ${join(import.meta.dirname, 'fixtures/full-disk.mjs')} ${dir}`;
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const kinds: string[] = JSON.parse(stdout);
    expect(kinds[0]).toBe('before');
    expect(kinds).toContain('journal-dropped');
    expect(kinds.at(-1)).toBe('after');
  },
);

test('what is told of a session has its share, and pushes out nothing of the system', async () => {
  const time = { ms: 0 };
  const journal = openJournal(dir, { maxBytes: 20_000, files: 2, clock: { now: () => time.ms } });
  const of = (session: string, what: string) => line(what, { session });
  journal.write(of('', 'first'));
  for (let index = 0; index < 5000; index += 1) {
    // Whose process it is, is told by what comes of it.
    journal.write(line('input', { number: index }));
    journal.write(of('user:alice', 'state-changed'));
  }
  for (let index = 0; index < 40; index += 1) journal.write(of('', 'still'));
  await journal.written();
  time.ms += 1000;
  journal.write(of('user:alice', 'later'));
  journal.write(of('user:bob', 'other'));
  await journal.close();
  const text = [1, 0]
    .map((age) =>
      existsSync(join(dir, journalFileName(age))) ? readFileSync(join(dir, journalFileName(age)), 'utf8') : '',
    )
    .join('');
  const told = text
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one));
  expect(told[0].what).toBe('first');
  expect(told.filter(({ what }) => what === 'still')).toHaveLength(40);
  expect(text.length).toBeLessThan(20_000);
  const dropped = told.findIndex(({ what }) => what === 'journal-dropped');
  expect(told[dropped]).toEqual({ what: 'journal-dropped', lines: expect.any(Number), session: 'user:alice' });
  expect(told[dropped].lines).toBeGreaterThan(9000);
  expect(told.slice(dropped + 1).map(({ what }) => what)).toEqual(['later', 'other']);
});
