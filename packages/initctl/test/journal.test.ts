import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { journalText } from '../src/journal-words.js';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  dies: 'task\nexec sh -c "exit 7"\n',
});

beforeAll(async () => {
  await initctl('emit', 'boot', 'A=1');
  await initctl('start', 'dies');
}, 120_000);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test('tells what happened, the oldest first', async () => {
  const { stdout } = await initctl('journal', '-n', '1000');
  const at = ['event 1 boot A=1 queued', 'db: state waiting -> starting', 'db: main process'].map((text) =>
    stdout.indexOf(text),
  );
  expect(at.every((place) => place > 0)).toBe(true);
  expect(at).toEqual(at.toSorted((one, other) => one - other));
});

test('of one job and one kind, and no more lines than asked for', async () => {
  const ended = await initctl('journal', '--job=dies', '--what=process-ended');
  expect(ended.stdout).toMatch(/^\S+Z {2}dies: main process \d+ exited with status 7\n$/);
  const { stdout } = await initctl('journal', '--job', 'db', '-n', '2', '--json');
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).job)).toEqual(['db', 'db']);
});

test('a kind of line that there is not is a mistake, and those that there are are told', async () => {
  const { stderr, stdout, status } = await initctl('journal', '--what=nokind');
  expect([stdout, status]).toEqual(['', 1]);
  expect(stderr).toMatch(
    /^initctl: illegal value for --what: nokind \(it takes input, .*state-changed, .*process-ended, /,
  );
});

test('--follow goes on with what comes', async () => {
  const child = spawn(process.execPath, [INITCTL, 'journal', '-f', '--what=event-finished'], { env: daemon.env });
  onTestFinished(() => void child.kill());
  let got = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  await vi.waitFor(() => expect(got).toContain('boot A=1 finished'), { timeout: 60_000 });
  await initctl('emit', 'later');
  await vi.waitFor(() => expect(got).toContain('later finished'), { timeout: 60_000 });
});

const HEADING = { at: 1, time: 'T' };

test.each([
  [
    { what: 'process-ended', job: 'a', instance: 'x', role: 'main', pid: 4, status: { kind: 'signalled', signal: 9 } },
    'a (x): main process 4 killed by signal 9',
  ],
  [{ what: 'event-finished', event: 3, name: 'e', env: [], failed: true }, 'event 3 e failed'],
  [{ what: 'input', number: 2, input: { kind: 'start', job: 'a' } }, 'a: input 2: start'],
  [{ what: 'something-new', job: 'a' }, 'a: something-new'],
  [{ what: 'respawn', job: 'a', instance: 'x', session: 'user:alice' }, 'a (x) [user:alice]: respawn'],
  [{ what: 'event-finished', session: '/srv', event: 3, name: 'e', env: [] }, '[/srv]: event 3 e finished'],
  [{ what: 'log', message: 'one\u001b[2Jtwo' }, 'one [2Jtwo'],
  [{ what: 'message', message: 'Reloading configuration' }, 'Reloading configuration'],
  [{ what: 'goal-changed' }, 'goal  -> '],
  [{ what: 'began', pid: 1, continued: true }, 'init began as process 1, with the jobs of the one before'],
  [
    { what: 'spawn-failed', job: 'a', role: 'main', failure: { message: 'exec: no such file' } },
    'a: main process could not be started: exec: no such file',
  ],
  [{ what: 'diagnostic', diagnostic: { path: 'a.conf', line: 3, message: 'no' } }, 'a.conf:3: no'],
  [{ what: 'reply', request: 3, reply: { ok: false, message: 'not running' } }, 'request 3 answered: not running'],
])('%j: %s', (line, words) => {
  expect(journalText({ ...HEADING, ...line })).toBe(`T  ${words}`);
});
