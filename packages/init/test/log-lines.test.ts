import { expect, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/**
 * The lines that tools look for in the log of the original, each with the priority from which on it is there.
 * @see spec: engine.md section 11
 */
const LINES = [
  ['debug', /^init: Pending startup event$/m],
  ['info', /^init: Handling startup event$/m],
  ['debug', /^init: Finished startup event$/m],
  ['debug', /^init: New instance web$/m],
  ['info', /^init: web goal changed from stop to start$/m],
  ['info', /^init: web state changed from waiting to starting$/m],
  ['info', /^init: web pre-start process \(\d+\)$/m],
  ['info', /^init: web pre-start process \(\d+\) exited normally$/m],
  ['info', /^init: web main process \(\d+\)$/m],
  ['info', /^init: web state changed from spawned to post-starting$/m],
  ['message', /^init: web started, process \d+: event startup$/m],
  ['warn', /^init: web main process \(\d+\) killed by KILL signal$/m],
  ['warn', /^init: web main process ended, respawning$/m],
  ['info', /^init: Sending TERM signal to web main process \(\d+\)$/m],
  ['warn', /^init: web main process \(\d+\) killed by TERM signal$/m],
  ['message', /^init: web stopped: stop by request$/m],
  ['debug', /^init: Destroyed inactive instance web$/m],
  ['warn', /^init: fails main process \(\d+\) terminated with status 3$/m],
  ['message', /^init: fails failed: main process terminated with status 3$/m],
  ['info', /^init: fine main process \(\d+\) terminated with status 4$/m],
  ['warn', /^init: Failed to spawn lost main process: unable to execute: No such file or directory$/m],
  ['warn', /^init: Failed to obtain many instance: Unknown parameter: WHO$/m],
  ['info', /^init: forks main process \(\d+\) became new process \(\d+\)$/m],
  ['info', /^init: stops main process \(\d+\) stopped by STOP signal$/m],
  ['info', /^init: stops waits in spawned for its main process to be ready \(expect stop\)$/m],
  ['info', /^init: Reloading configuration$/m],
  ['info', /^init: Loading configuration from \/.*\/conf$/m],
  ['debug', /^init: Destroyed unused job gone$/m],
  ['info', /^init: Handling deletion of \/.*\/gone\.conf$/m],
  ['info', /^init: Quiescing due to shutdown request$/m],
  ['info', /^init: Quiesce shutdown sequence took \d+ seconds?$/m],
] as const;

const FILES = {
  'web.conf': 'start on startup\nrespawn\npre-start exec true\nexec sleep 1000\n',
  'fails.conf': 'start on startup\ntask\nexec sh -c "exit 3"\n',
  'fine.conf': 'start on startup\ntask\nnormal exit 4\nexec sh -c "exit 4"\n',
  'lost.conf': 'start on startup\nexec /no/such/program\n',
  'many.conf': 'start on startup\ninstance $WHO\nexec sleep 1000\n',
  'forks.conf': 'start on startup\nexpect fork\nexec sh -c "sleep 1000 & exit 0"\n',
  'stops.conf': 'start on startup\nexpect stop\nscript\n  kill -STOP $$\n  exec sleep 1000\nend script\n',
  'gone.conf': 'exec sleep 1000\n',
};

const ORDER = ['debug', 'info', 'message', 'warn'];

test.each([
  { option: '--debug', from: 'debug' },
  { option: '--verbose', from: 'info' },
  { option: '--no-option-that-matters', from: 'message' },
])('$option: the lines from priority $from on, and no others', async ({ option, from }) => {
  const daemon = new TestDaemon({ args: ['--user', '--live', option], files: FILES });
  const [, pid] = await daemon.out.match(/web .*running, process (\d+)/);
  for (const job of ['forks', 'stops']) await daemon.out.match(new RegExp(`${job} .*running`));
  process.kill(Number(pid), 'SIGKILL');
  await daemon.err.match(/web main process ended, respawning/);
  await daemon.err.match(/init: web started, process \d+: respawn/);
  await initctl(daemon, 'stop', 'web');
  daemon.remove('gone.conf');
  await initctl(daemon, 'reload-configuration');
  daemon.signal('SIGTERM');
  await daemon.ended;
  for (const [priority, pattern] of LINES) {
    const isThere = ORDER.indexOf(priority) >= ORDER.indexOf(from);
    if (isThere) expect(daemon.err.text).toMatch(pattern);
    else expect(daemon.err.text).not.toMatch(pattern);
  }
});

test('with --log-format=json the lines of a job name it, also those of its starts and ends', async () => {
  const daemon = new TestDaemon({
    files: { 'web.conf': 'start on startup\nexec sleep 1000\n' },
    args: ['--user', '--no-dbus', '--log-format=json'],
  });
  const [line] = await daemon.out.match(/^.*web started.*$/m);
  expect(JSON.parse(line ?? '')).toMatchObject({ priority: 'message', job: 'web', instance: '' });
});
