import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const SOON = { timeout: 60_000 };
const ARGS = ['--user', '--live', '--verbose'];

/** The daemon that goes on with the jobs of another, or is that one itself. */
const UPHEAVALS = {
  're-exec': async (daemon: TestDaemon): Promise<TestDaemon> => {
    expect(await initctl(daemon, 'restart-init')).toEqual({ status: 0, stdout: '', stderr: '' });
    return daemon;
  },
  crash: async (daemon: TestDaemon): Promise<TestDaemon> => {
    daemon.signal('SIGKILL');
    await daemon.ended;
    const next = new TestDaemon({ args: ARGS, after: daemon });
    await next.err.match(/Taken over from a supervisor that died/);
    await vi.waitFor(() => connect(next.address).then((client) => client.close()), SOON);
    return next;
  },
} as const;

describe.each(['re-exec', 'crash'] as const)('after a %s', (upheaval) => {
  const status = async (daemon: TestDaemon): Promise<string> => (await initctl(daemon, 'status', 'web')).stdout;

  test('a job whose file is broken is as stale as before, and as it was defined', async () => {
    const files = { 'web.conf': 'description "good"\nstart on startup\nexec sleep 1000\n' };
    const first = new TestDaemon({ args: ARGS, files });
    const [, pid] = await first.out.match(/web .*running, process (\d+)/);
    first.write('web.conf', 'nonsense\n');
    const path = join(first.confDir, 'web.conf');
    const stale = `web start/running, process ${pid}\n\tstale: the last good definition is in use, because of an error in ${path}\n`;
    await expect.poll(() => status(first), SOON).toBe(stale);

    const daemon = await UPHEAVALS[upheaval](first);
    expect(await status(daemon)).toBe(stale);
    expect((await initctl(daemon, 'restart', 'web')).stdout).toMatch(/^web start\/running, process \d+\n/);
    daemon.write('web.conf', 'description "mended"\nexec sleep 1000\n');
    await expect.poll(() => status(daemon), SOON).toMatch(/^web start\/running, process \d+\n$/);
  });

  test('a paused process is as paused as before, and goes on when it is told to', async () => {
    const files = { 'web.conf': 'debug\nscript\n  touch ran\n  exec sleep 1000\nend script\n' };
    const first = new TestDaemon({ args: ARGS, files });
    await first.out.match(/startup/);
    await initctl(first, 'start', 'web');
    const [, pid] = await first.err.match(/Pausing web \((\d+)\) \[pre-exec\] for debug/);
    const line = `web start/running, process ${pid}\n`;
    const paused = `${line}\tmain process ${pid} paused for debug: kill -CONT ${pid} lets it go on\n`;
    expect(await status(first)).toBe(paused);

    const daemon = await UPHEAVALS[upheaval](first);
    expect(await status(daemon)).toBe(paused);
    expect(existsSync(join(daemon.home, 'ran'))).toBe(false);
    process.kill(Number(pid), 'SIGCONT');
    await expect.poll(() => status(daemon), SOON).toBe(line);
    await expect.poll(() => existsSync(join(daemon.home, 'ran')), SOON).toBe(true);
  });

  test('a paused process that is let go while nobody looks is not paused any more', async () => {
    const files = { 'web.conf': 'debug\nscript\n  touch ran\n  exec sleep 1000\nend script\n' };
    const first = new TestDaemon({ args: ARGS, files });
    await first.out.match(/startup/);
    await initctl(first, 'start', 'web');
    const [, pid] = await first.err.match(/Pausing web \((\d+)\) \[pre-exec\] for debug/);
    first.signal('SIGSTOP');
    process.kill(Number(pid), 'SIGCONT');
    await expect.poll(() => existsSync(join(first.home, 'ran')), SOON).toBe(true);
    if (upheaval === 're-exec') first.signal('SIGCONT');
    const daemon = await UPHEAVALS[upheaval](first);
    await expect.poll(() => status(daemon), SOON).toBe(`web start/running, process ${pid}\n`);
  });
});
