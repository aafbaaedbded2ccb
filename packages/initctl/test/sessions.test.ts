import { expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const JOBS = { quiet: 'exec sleep 300\n' } as const;

const daemon = liveDaemon(JOBS);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test.each([
  [['--in-session='], 0, ''],
  [['--chroot=/'], 0, ''],
  [['--in-session=abc'], 1, 'initctl: No such session: abc\n'],
  [['--in-session=system'], 0, ''],
  [['--chroot=/srv/nowhere'], 1, 'initctl: No session has the root directory /srv/nowhere\n'],
])('%j', async (options, status, stderr) => {
  expect(await initctl(...options, 'status', 'quiet')).toMatchObject({ status, stderr });
});

test('--global with --user contradicts itself', async () => {
  expect((await initctl('--global', '--user', 'list')).stderr).toContain('initctl: --global given with --user\n');
});

test('after a command on variables, --global is the table', async () => {
  expect((await initctl('get-env', '--global', 'HOME')).stdout).toBe(`${daemon.folder}\n`);
});
