import { beforeAll, expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  web: 'start on started db and net-up\nexec sleep 300\n',
  net: 'emits net-*\nexec sleep 300\n',
  boot: 'exec sleep 300\n',
});
const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 30_000);

test('an event, spelt as conditions spell it', async () => {
  const { stdout, stderr } = await initctl('explain', 'started', 'JOB=db');
  expect([stdout, stderr]).toEqual([
    [
      'No event started JOB=db is being handled.',
      'It could come from db (now running).',
      'It would help to start web (which does not run), which then still needs: net-up.',
      '',
    ].join('\n'),
    '',
  ]);
  expect((await initctl('explain', 'net-up')).stdout).toContain('It would start web (which does not run).');
});

test('a job comes before an event of its name, unless the event is asked for', async () => {
  expect((await initctl('explain', 'boot')).stdout).toMatch(/^boot does not run/);
  expect((await initctl('explain', '--event', 'boot')).stdout).toMatch(/^No event boot is being handled/);
});

test('who waits for a job', async () => {
  expect((await initctl('explain', 'db')).stdout).toContain('web waits for its started event, and for: net-up.');
});

test.each([
  [['explain', 'dbb'], 'initctl: Unknown job: dbb\n'],
  [['explain'], "initctl: missing job name\nTry `initctl --help' for more information.\n"],
  [['explain', '--event'], "initctl: missing event name\nTry `initctl --help' for more information.\n"],
])('%j is refused: %s', async (words, stderr) => {
  expect(await initctl(...words)).toEqual({ status: 1, stdout: '', stderr });
});
