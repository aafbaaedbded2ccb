import { beforeAll, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { onTerminal } from './helpers/terminal.js';

/** `status`, `list --tree` and `explain` as programs get them, and what a person gets of `status` in addition. */

const JOBS = {
  db: 'start on boot\nexec sleep 300\n',
  web: 'start on (started db and net-up)\nstop on stopping db\nexec sleep 300\n',
  helper: 'start on started db\nexec sleep 300\n',
  hand: 'exec sleep 300\n',
  dies: 'start on boot\nrespawn\nrespawn limit 2 60\nscript\n  echo dying\n  exit 3\nend script\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 120_000);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test('a pipe gets the line of the original', async () => {
  expect((await initctl('status', 'web')).stdout).toBe('web stop/waiting\n');
  expect((await initctl('status', 'db')).stdout).toMatch(/^db start\/running, process \d+\n$/);
});

test('--long tells of restarts, the last exit and why', async () => {
  await vi.waitFor(async () => expect((await initctl('status', 'dies')).stdout).toBe('dies stop/waiting\n'), {
    timeout: 60_000,
  });
  const { stdout } = await initctl('status', '-l', 'dies');
  expect(stdout).toMatch(/^dies stop\/waiting\n\tdown for +/);
  expect(stdout).toMatch(/\n\tlast exit +exit status 3 \(main process \d+\), \d+ s ago\n/);
  expect(stdout).toMatch(/\n\tlog +\/.*\/logs\/dies\.log\n$/);
});

test('a terminal gets the same without being asked', async () => {
  const { screen, status } = await onTerminal('$I status db', { ...daemon.env, NO_COLOR: '1' });
  expect(status).toBe(0);
  expect(screen).toMatch(/^db start\/running, process \d+\n\tup for +.*\n\trestarts +0\n\twhy +Because: event boot/);
});

test('list --tree for a pipe is plain', async () => {
  const { stdout } = await initctl('list', '--tree');
  expect(stdout.replace(/process \d+/g, 'process PID')).toContain(`boot
  db start/running, process PID
    helper start/running, process PID
    web stop/waiting
  dies stop/waiting
`);
  expect(stdout).toMatch(/\nstarted by hand\n {2}hand stop\/waiting\n/);
  expect(stdout).not.toContain('\x1b');
});

test('explain says what is still needed', async () => {
  expect((await initctl('explain', 'web')).stdout).toContain('Its start on still needs: net-up.');
});
