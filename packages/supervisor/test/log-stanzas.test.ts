import { existsSync, renameSync } from 'node:fs';
import { defineJob, parseConf } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';
import { afterEach, expect, test } from 'vitest';
import { processSpec } from '../src/process-spec.js';
import { Running } from './helpers/running.js';

let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

test('log pipe: the program writes to a pipe, not to a terminal', async () => {
  running = new Running({ web: 'task\nlog pipe\nexec sh -c "test -p /dev/stdout && echo a pipe"\n' });
  await running.supervisor.startJob('web');
  expect(running.read('web.log')).toBe('a pipe\n');
});

test('log pty, the default: the program writes to a terminal, and lines end as it wrote them', async () => {
  running = new Running({ web: 'task\nexec sh -c "test -t 1 && echo a terminal"\n' });
  await running.supervisor.startJob('web');
  expect(running.read('web.log')).toBe('a terminal\n');
});

test('log rotate: a file that would grow beyond its size is put away, and so many are kept', async () => {
  running = new Running({ web: 'task\nlog pipe\nlog rotate 1000 2\nexec seq 1 2000\n' });
  await running.supervisor.startJob('web');
  expect(running.read('web.log').length).toBeLessThanOrEqual(1000);
  expect(running.read('web.log.1').length).toBeLessThanOrEqual(1000);
  expect(existsSync(running.path('web.log.2'))).toBe(true);
  expect(existsSync(running.path('web.log.3'))).toBe(false);
  expect(running.read('web.log').endsWith('2000\n')).toBe(true);
});

test('log format json: an object a line, with time, stream, job and message', async () => {
  running = new Running({
    web: 'task\nlog format json\ninstance $N\nscript\n  echo out\n  echo err >&2\nend script\n',
  });
  await running.supervisor.startJob('web', { env: ['N=7'] });
  const lines = running
    .read('web-7.log')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual({ time: expect.any(String), stream: 'stdout', job: 'web (7)', message: 'out' });
  expect(lines).toContainEqual({ time: expect.any(String), stream: 'stderr', job: 'web (7)', message: 'err' });
});

test('logs are written to a new file once they are told to be opened again', async () => {
  running = new Running({
    web: 'expect stop\nscript\n  echo one\n  kill -STOP $$\n  read line < @DIR@/fifo\n  echo two\n  touch @DIR@/done\n  sleep 1000\nend script\npre-start exec mkfifo @DIR@/fifo\n',
  });
  await running.supervisor.startJob('web');
  await running.contains('web.log', 'one\n');
  renameSync(running.path('web.log'), running.path('web.log.old'));
  running.supervisor.reopenLogs();
  running.write('fifo', 'go\n');
  await running.contains('web.log', 'two\n');
  expect(running.read('web.log.old')).toBe('one\n');
});

test.each([
  { text: '', console: {} },
  { text: 'log pipe\n', console: { transport: 'pipe' } },
  { text: 'log rotate 10240 3\n', console: { rotate: { bytes: 10_240, keep: 3 } } },
  { text: 'log format json\n', console: { format: 'json', job: 'web (1)' } },
  { text: 'log format text\n', console: {} },
])('$text becomes $console', ({ text, console: expected }) => {
  const spec = processSpec(
    {
      kind: 'spawn',
      process: 1,
      role: 'main',
      instance: { session: SYSTEM, job: 'web', instance: '1' },
      definition: defineJob(parseConf(`exec x\n${text}`).conf ?? {}),
      env: [],
      fds: [],
      cause: { input: 1 },
    },
    { logDir: '/log', console: 'log', consoleIs: 'device', sessionMode: true, inheritsUmask: true, env: [] },
  );
  expect(spec.console).toEqual({ kind: 'log', path: '/log/web-1.log', ...expected });
});
