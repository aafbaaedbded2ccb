import { beforeEach, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const daemon = liveDaemon({
  db: 'start on boot\nstop on halt\nexec sleep 300\n',
  web: 'start on started db\nstop on halt\nexec sleep 300\n',
  worker: 'instance $N\nexec sleep 300\n',
});
const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });
const status = async (job: string): Promise<string> =>
  (await initctl('status', job)).stdout.split(',')[0]?.trim() ?? '';

beforeEach(async () => {
  await initctl('confirm', 'off');
  await initctl('emit', 'halt');
}, 120_000);

/** Emit without waiting: what it starts is held. */
const boot = () => initctl('emit', '--no-wait', 'boot');

test('each start waits for its word, with the reason shown', async () => {
  const stepping = 'Each start waits for a word, as long as it takes.\n';
  expect((await initctl('confirm', 'on', '--timeout=0')).stdout).toBe(stepping);
  await boot();
  const { stdout } = await initctl('confirm');
  expect(stdout.replace(stepping, '')).toMatch(/^db\n {2}Because: event boot, .*\n$/);
  expect(await status('db')).toBe('db start/starting');
  expect((await initctl('confirm', 'yes')).stdout).toMatch(/^(?:|web\n.*)/);
  await vi.waitFor(async () => expect(await status('db')).toBe('db start/running'), { timeout: 60_000 });
  await vi.waitFor(async () => expect((await initctl('confirm')).stdout).toMatch(/^web\n/m), { timeout: 60_000 });
  expect((await initctl('confirm', 'no', 'web')).stdout).toBe('');
  expect(await status('web')).toBe('web stop/waiting');
});

test('of some jobs only; an instance by its name; a time limit is shown', async () => {
  await initctl('confirm', 'on', 'worker', '--timeout', '10min');
  await boot();
  await vi.waitFor(async () => expect(await status('web')).toBe('web start/running'), { timeout: 60_000 });
  await Promise.all(['1', '2'].map((n) => initctl('start', '--no-wait', 'worker', `N=${n}`)));
  expect((await initctl('confirm')).stdout).toMatch(
    /^Each start of worker waits for a word, 10 min 0 s at most, which means yes\.\nworker \(1\), yes in (?:10 min 0|9 min \d+) s\n[\s\S]*\nworker \(2\), yes in /,
  );
  const { stdout } = await initctl('confirm', 'no', 'worker', '2', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ starts: [{ job: 'worker', instance: '1' }] });
  await initctl('confirm', 'always');
  await initctl('start', 'worker', 'N=3');
  expect((await initctl('status', 'worker', 'N=3')).stdout).toMatch(/^worker \(3\) start\/running/);
});

test('quit: all that waits goes on, and explain says until when it waits', async () => {
  await initctl('confirm', 'on');
  await boot();
  expect((await initctl('explain', 'db')).stdout).toMatch(
    /It waits for its start to be confirmed, which it is in [\d.]+ s\./,
  );
  await initctl('confirm', 'quit');
  await vi.waitFor(async () => expect(await status('web')).toBe('web start/running'), { timeout: 60_000 });
});

test('the time over means yes', async () => {
  await initctl('confirm', 'on', '--timeout=200ms');
  await initctl('emit', 'boot');
  await vi.waitFor(async () => expect(await status('web')).toBe('web start/running'), { timeout: 60_000 });
});

test('whether there is stepping is told, of which jobs, and how long a start waits', async () => {
  const OFF = 'No start waits for a word: stepping is off.\n';
  const told = async (...words: readonly string[]) => (await initctl('confirm', ...words)).stdout;
  expect(await told()).toBe(OFF);
  expect(await told('on', 'db', 'web')).toBe(
    'Each start of db, web waits for a word, 30 s at most, which means yes.\n',
  );
  expect(await told('off')).toBe(OFF);
  await told('on');
  await boot();
  await told('always', 'db');
  await vi.waitFor(async () => expect(await told()).toMatch(/^web/m), { timeout: 60_000 });
  expect(await told()).toMatch(/^Each start, but of db waits for a word, .*\nweb, yes in .*\n/);
  expect(JSON.parse(await told('--json'))).toMatchObject({ on: true, jobs: [], always: ['db'], timeoutMs: 30_000 });
  expect(await told('quit')).toBe(OFF);
  expect(JSON.parse(await told('--json'))).toEqual({ on: false, jobs: [], always: [], timeoutMs: null, starts: [] });
});

test.each([
  [['confirm', 'maybe'], 'illegal value for confirm: maybe (it takes on, off, yes, no, always, quit)'],
  [['confirm', 'yes'], 'No start waits to be confirmed\n'],
  [['confirm', 'yes', 'db'], 'No start waits to be confirmed: db\n'],
  [['confirm', 'on', 'db', 'dbb'], 'Unknown job: dbb\n'],
  [['confirm', 'on', '--timeout=soon'], 'illegal value for --timeout: soon'],
])('%j is refused: %s', async (words, text) => {
  const { stderr, status: code } = await initctl(...words);
  expect([stderr.includes(text) ? text : stderr, code]).toEqual([text, 1]);
});
