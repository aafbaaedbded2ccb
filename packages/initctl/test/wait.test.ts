import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const JOBS = {
  db: 'start on boot\nexec sleep 300\n',
  web: 'start on net-up\nexec sleep 300\n',
  inst: 'instance $N\nexec sleep 300\n',
  quiet: 'exec sleep 300\n',
  task: 'task\nexec true\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 120_000);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test('answers at once where it is so', async () => {
  expect((await initctl('wait', 'db', '--for', 'started')).stdout).toMatch(/^db start\/running, process/);
  expect((await initctl('wait', 'quiet', '--for=stopped')).stdout).toBe('quiet stop/waiting\n');
});

test('until it is so', async () => {
  const started = initctl('wait', 'inst', 'N=1', '--for=started');
  const stopped = initctl('start', 'inst', 'N=1').then(() => initctl('wait', 'inst', 'N=1', '--for=stopped'));
  expect((await started).stdout).toMatch(/^inst \(1\) start\/running, process/);
  await initctl('stop', 'inst', 'N=1');
  expect((await stopped).stdout).toBe('inst stop/waiting\n');
});

test('a task that is over in a moment was started', async () => {
  const started = initctl('wait', 'task', '--for=started', '--timeout=30');
  await initctl('start', 'task');
  const again = setInterval(() => void initctl('start', 'task'), 200);
  onTestFinished(() => clearInterval(again));
  expect((await started).status).toBe(0);
});

test.each([
  [['--for=started', '--timeout=0.05'], 'Timed out: web stop/waiting'],
  [[], 'missing --for=started or --for=stopped'],
  [['--for=up'], 'illegal value for --for: up (it takes started or stopped)'],
  [['--for=started', '--timeout=soon'], 'illegal number for --timeout: soon'],
])('%j: %s', async (options, text) => {
  const { status, stderr } = await initctl('wait', 'web', ...options);
  expect(status).toBe(1);
  expect(stderr).toContain(`initctl: ${text}\n`);
});
