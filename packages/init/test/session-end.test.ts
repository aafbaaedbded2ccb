import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { expect, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/** The end of a session. @see spec: engine.md 7.5 */

const SERVICE = 'start on startup\nexec sleep 1000\n';
/** It tells how it was started, and that it was let finish. */
const FAREWELL =
  'start on session-end\ntask\nscript\n  echo $TYPE > "$HOME/farewell"\n  sleep 0.3\n  echo done >> "$HOME/farewell"\nend script\n';

const running = async (files: Readonly<Record<string, string>>): Promise<TestDaemon> => {
  const daemon = new TestDaemon({ args: ['--user', '--live', '--verbose'], files: { 'web.conf': SERVICE, ...files } });
  await daemon.out.match(/web .*running/);
  return daemon;
};

test('EndSession waits for the jobs that session-end starts, then ends with status 0 and leaves nothing', async () => {
  const daemon = await running({ 'farewell.conf': FAREWELL });
  const upstart = await connect(daemon.address);
  await upstart.endSession();
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  upstart.close();
  expect(readFileSync(join(daemon.home, 'farewell'), 'utf8')).toBe('logout\ndone\n');
  expect(daemon.err.text).toMatch(/init: Quiescing due to logout request\n/);
  expect(daemon.err.text).toMatch(/init: Quiesce logout sequence took \d+ seconds?\n$/);
  expect(existsSync(daemon.sessionFile)).toBe(false);
  expect(daemon.jobProcesses()).toEqual([]);
});

test('SIGTERM tells session-end with TYPE=shutdown, and stops all jobs at the same time', async () => {
  const names = ['a', 'b', 'c'];
  // Each waits in its post-stop until all are there: one after the other they would never end.
  const postStop = `post-stop script\n  touch "$HOME/$UPSTART_JOB"\n  while ! { ${names.map((name) => `test -e "$HOME/${name}"`).join(' && ')}; }; do sleep 0.05; done\nend script\nkill timeout 60\n`;
  const daemon = await running(Object.fromEntries(names.map((name) => [`${name}.conf`, `${SERVICE}${postStop}`])));
  for (const name of names) await daemon.out.match(new RegExp(`${name} .*running`));
  daemon.signal('SIGTERM');
  await daemon.out.match(/event +session-end TYPE=shutdown\n/);
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.err.text).toMatch(/init: Quiescing due to shutdown request\n/);
  expect(daemon.jobProcesses()).toEqual([]);
});

test('a respawning job is not brought back, and one that does not obey is killed after its kill timeout', async () => {
  const stubborn =
    'start on startup\nexpect stop\nkill timeout 1\nscript\n  trap "" TERM\n  kill -STOP $$\n  while :; do sleep 1; done\nend script\n';
  const daemon = await running({ 'again.conf': `respawn\n${SERVICE}`, 'stubborn.conf': stubborn });
  await daemon.out.match(/stubborn .*running/);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.err.text).toMatch(/init: Sending KILL signal to stubborn main process/);
  expect(daemon.err.text).not.toContain('respawning');
  expect(daemon.jobProcesses()).toEqual([]);
});

test('what outlives the time limit is told, and killed', async () => {
  // Its post-stop has no time limit of its own: the session's is five seconds.
  const endless = 'start on startup\nexec sleep 1000\npost-stop exec sleep 1000\n';
  const daemon = await running({ 'endless.conf': endless });
  await daemon.out.match(/endless .*running/);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.err.text).toMatch(/init: job endless failed to stop\n/);
  expect(daemon.jobProcesses()).toEqual([]);
});

test('500 jobs that do not obey are killed together, when each has had its time: nothing is left', async () => {
  // One after the other they would take longer than this test may.
  const stubborn = 'start on startup\nkill timeout 1\nexec env --ignore-signal=TERM sleep 1000\n';
  const names = Array.from({ length: 500 }, (_, number) => `stubborn${number}.conf`);
  const daemon = new TestDaemon({
    args: ['--user', '--no-dbus'],
    files: Object.fromEntries(names.map((name) => [name, stubborn])),
  });
  // Before that env(1) would obey.
  const sleeping = (): number =>
    daemon.jobProcesses().filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n').length;
  await expect.poll(sleeping, { timeout: 60_000 }).toBe(500);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.err.text.match(/stubborn\d+ main process \(\d+\) killed by KILL signal\n/g)).toHaveLength(500);
  expect(daemon.jobProcesses()).toEqual([]);
});

test('a thousand processes that jobs have left behind are ended, also after a re-exec', async () => {
  const messy =
    'start on startup\nscript\n  for i in $(seq 1000); do setsid sleep 1000 & done\n  touch up; exec sleep 1000\nend script\n';
  const daemon = new TestDaemon({ args: ['--user', '--no-dbus'], files: { 'messy.conf': messy } });
  await expect.poll(() => existsSync(join(daemon.home, 'up')), { timeout: 60_000 }).toBe(true);
  const upstart = await connect(daemon.address);
  await upstart.restart();
  upstart.close();
  expect(daemon.jobProcesses().length).toBeGreaterThan(1000);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.jobProcesses()).toEqual([]);
  expect(daemon.err.text).not.toContain('could not be ended');
});
