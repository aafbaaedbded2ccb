import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/** The 2010 plan, "Introduce Debug Stanza". */

const nextPause = async (daemon: TestDaemon, from: number): Promise<{ pid: number; end: number }> => {
  const found = await daemon.err.match(
    /init: Pausing web \((\d+)\) \[pre-exec\] for debug: kill -CONT \1 lets it go on\n/,
    from,
  );
  return { pid: Number(found[1]), end: from + found.index + found[0].length };
};

test('each process of a debug job pauses; start returns, and the second line of status says how to go on', async () => {
  const files = {
    'web.conf': 'debug\npre-start exec touch prepared\nscript\n  touch ran\n  exec sleep 1000\nend script\n',
  };
  const daemon = new TestDaemon({ args: ['--user', '--live'], files });
  await daemon.out.match(/startup/);
  const started = initctl(daemon, 'start', 'web');
  const preStart = await nextPause(daemon, 0);
  const paused = (role: string, pid: number) =>
    `\t${role} process ${pid} paused for debug: kill -CONT ${pid} lets it go on\n`;
  expect((await initctl(daemon, 'status', 'web')).stdout).toBe(
    `web start/pre-start, process ${preStart.pid}\n${paused('pre-start', preStart.pid)}`,
  );
  expect(existsSync(join(daemon.home, 'prepared'))).toBe(false);
  process.kill(preStart.pid, 'SIGCONT');
  const main = await nextPause(daemon, preStart.end);
  // As in the original: the main process is there, though it has not run its program.
  expect((await started).stdout).toBe(`web start/running, process ${main.pid}\n`);
  expect((await initctl(daemon, 'status', 'web')).stdout).toBe(
    `web start/running, process ${main.pid}\n${paused('main', main.pid)}`,
  );
  expect(existsSync(join(daemon.home, 'ran'))).toBe(false);
  process.kill(main.pid, 'SIGCONT');
  await expect
    .poll(async () => (await initctl(daemon, 'status', 'web')).stdout, { timeout: 60_000 })
    .toBe(`web start/running, process ${main.pid}\n`);
  await expect.poll(() => existsSync(join(daemon.home, 'ran')), { timeout: 60_000 }).toBe(true);
});
