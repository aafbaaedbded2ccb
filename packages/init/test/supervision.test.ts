import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '@maverick/graph';
import { expect, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { TestDaemon } from './helpers/test-daemon.js';

vi.setConfig({ testTimeout: 120_000 });
const SOON = { timeout: 60_000 };

/** Respawn with backoff, time limits and the watchdog, on the daemon itself. */

const verbose = (files: Readonly<Record<string, string>>): TestDaemon =>
  new TestDaemon({ args: ['--user', '--live', '--verbose'], files });

test('respawn backoff waits longer each time, and the respawn limit ends it', async () => {
  const job = 'start on startup\nrespawn\nrespawn backoff 1 2\nrespawn limit 2 60\nexec false\n';
  const daemon = verbose({ 'flap.conf': job });
  await daemon.err.match(/init: flap respawns in 1 second\n.*init: flap respawns in 2 seconds\n/s);
  // One that waits is as any other: a stop ends it.
  expect((await initctl(daemon, 'status', 'flap')).stdout).toMatch(/^flap start\//);
  await daemon.err.match(/init: flap respawning too fast, stopped\n.*init: flap failed: respawning too fast\n/s);
});

test('a start timeout ends a job that does not become ready in time', async () => {
  const daemon = verbose({ 'slow.conf': 'start timeout 1\nexpect notify\nexec sleep 1000\n' });
  await daemon.out.match(/startup/);
  const started = await initctl(daemon, 'start', 'slow');
  expect(started.status).toBe(1);
  expect(started.stderr).toMatch(/Job failed to start/);
  expect(daemon.err.text).toMatch(/init: slow waits in spawned for its main process to be ready \(expect notify\)\n/);
  expect(daemon.err.text).toMatch(/init: slow took too long to start, stopped\n/);
  expect((await initctl(daemon, 'status', 'slow')).stdout).toBe('slow stop/waiting\n');
});

test('a watchdog stops a job that gives no sign of life any more, and respawn brings it back', async () => {
  const program = join(import.meta.dirname, 'fixtures/notifier.mjs');
  const job = `expect notify\nwatchdog 1\nrespawn\nconsole none\nexec "${process.execPath}" "${program}"\n`;
  const daemon = verbose({ 'dog.conf': job });
  await daemon.out.match(/startup/);
  writeFileSync(join(daemon.home, 'alive'), '');
  const started = /process (\d+)/.exec((await initctl(daemon, 'start', 'dog')).stdout);
  const signs = () =>
    readJournal(join(daemon.home, '.local/state/upstart/journal'), 1000, { what: 'input' }).filter(
      ({ input }) => (input as { kind: string }).kind === 'process-alive',
    );
  await expect.poll(() => signs().length, SOON).toBeGreaterThan(2);
  rmSync(join(daemon.home, 'alive'));
  await daemon.err.match(/init: dog gave no sign of life, stopped\n/);
  const [, again] = await daemon.err.match(/respawning\n.*init: dog started, process (\d+): respawn\n/s);
  expect(again).not.toBe(started?.[1]);
});

test('log-priority changes what is reported, while the daemon runs', async () => {
  const daemon = new TestDaemon({ files: { 'web.conf': 'exec sleep 1000\n' } });
  await daemon.out.match(/startup/);
  expect((await initctl(daemon, 'log-priority')).stdout).toBe('message\n');
  await initctl(daemon, 'start', 'web');
  expect(daemon.err.text).not.toContain('goal changed');
  await initctl(daemon, 'log-priority', 'info');
  await initctl(daemon, 'stop', 'web');
  await daemon.err.match(/init: web goal changed from start to stop\n/);
  await initctl(daemon, 'log-priority', 'error');
  const before = daemon.err.text.length;
  await initctl(daemon, 'start', 'web');
  expect(daemon.err.text.slice(before)).toBe('');
});
