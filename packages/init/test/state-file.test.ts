import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { expect, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

test.each([
  { what: '--write-state-file', args: ['--write-state-file'], env: {}, written: true },
  { what: 'UPSTART_WRITE_STATEFILE', args: [], env: { UPSTART_WRITE_STATEFILE: '1' }, written: true },
  { what: 'neither', args: [], env: {}, written: false },
])('with $what a re-exec leaves its state in the log directory: $written', async ({ args, env, written }) => {
  const files = { 'web.conf': 'start on startup\nexec sleep 1000\n' };
  const daemon = new TestDaemon({ args: ['--user', '--live', '--verbose', ...args], env, files });
  const [, pid] = await daemon.out.match(/web .*running, process (\d+)/);
  const upstart = await connect(daemon.address);
  await upstart.restart();
  upstart.close();
  const path = join(daemon.home, '.cache/upstart/upstart.state');
  expect(existsSync(path)).toBe(written);
  if (!written) return;
  expect(statSync(path).mode & 0o777).toBe(0o400);
  const [web] = JSON.parse(readFileSync(path, 'utf8')).job_classes;
  const job = { goal: 'JOB_START', state: 'JOB_RUNNING', pid: [Number(pid), 0, 0, 0, 0, 0] };
  expect(web).toMatchObject({ name: 'web', jobs: [job] });
});
