import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time, and a debugger reads many symbols.
vi.setConfig({ testTimeout: 120_000 });

/** The 2010 plan, "Introduce Debug Stanza": its user stories. */

const run = promisify(execFile);

const lacks = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0;
const missing = ['gdb', 'cc'].filter(lacks);
if (missing.length > 0) console.warn(`Skipped: a debugger at a job with debug, for want of ${missing.join(' and ')}`);

const PROGRAM = `#include <unistd.h>
static int answer(void) { return 42; }
int main(void) {
  volatile int known = answer();
  for (;;) { pause(); known += 1; }
}
`;

/** The process has stopped before its program: it goes on, becomes the program, and comes to main. */
const GDB = [
  ...['set pagination off', 'set confirm off', 'set breakpoint pending on', 'set debuginfod enabled off'],
  ...[
    'set exec-file-mismatch off',
    'handle SIGSTOP nostop noprint nopass',
    'catch exec',
    'continue',
    'break main',
    'continue',
  ],
  ...['next', 'printf "known is %d\\n", known', 'backtrace', 'detach', 'quit'],
];

test.skipIf(missing.length > 0)(
  'Jennifer single-steps a daemon: a debugger attached to a job with debug comes to a breakpoint in main',
  async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'server.c'), PROGRAM);
    await run('cc', ['-g', '-O0', '-o', join(dir, 'server'), join(dir, 'server.c')]);
    const files = { 'server.conf': `debug\nexec ${join(dir, 'server')}\n` };
    const daemon = new TestDaemon({ args: ['--user', '--live'], files });
    await daemon.out.match(/startup/);
    const { stdout } = await initctl(daemon, 'start', 'server');
    const pid = /process (\d+)/.exec(stdout)?.[1] ?? '';
    const { stdout: told } = await run(
      'gdb',
      ['-q', '-nx', '-batch', ...GDB.flatMap((line) => ['-ex', line]), '-p', pid],
      {
        timeout: 80_000,
      },
    );
    expect(told).toMatch(/Breakpoint 2, main \(\) at .*server\.c:4/);
    expect(told).toContain('known is 42');
    expect(told).toMatch(/#0 {2}main \(\) at/);
    // It runs on, supervised as before.
    expect((await initctl(daemon, 'status', 'server')).stdout).toBe(`server start/running, process ${pid}\n`);
    expect((await initctl(daemon, 'stop', 'server')).stdout).toBe('server stop/waiting\n');
  },
);

test('Donald has written a new daemon that does not run as he expects: explain tells why', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'donald'), '#!/bin/sh\necho "cannot read /etc/donald.conf" >&2\nexit 3\n', { mode: 0o755 });
  const files = {
    'network.conf': 'start on net-up IFACE=eth*\n',
    'donald.conf': `start on started network\nexec ${join(dir, 'donald')}\n`,
    'mistyped.conf': `start on started netwrok\nexec ${join(dir, 'donald')}\n`,
    'absent.conf': 'start on started network\nexec /usr/sbin/donaldd\n',
  };
  const daemon = new TestDaemon({ args: ['--user', '--live'], files });
  await daemon.out.match(/startup/);
  const explain = async (job: string) => (await initctl(daemon, 'explain', job)).stdout;

  // It does not start at all: the event that it waits for has not come, and would start it.
  expect(await explain('donald')).toContain(
    'Its start on still needs: started network.\nstarted network could come from network',
  );
  const foreseen = await initctl(daemon, 'simulate', 'net-up', 'IFACE=wlan0');
  expect(foreseen.stdout).toContain('Nothing would come of it.');
  // Or nothing ever brings it.
  expect(await explain('mistyped')).toContain('started netwrok: no job is known to bring it about.');

  // It starts, and fails.
  await initctl(daemon, 'emit', 'net-up', 'IFACE=eth0');
  expect(await explain('donald')).toContain('Its main process failed: it ended with status 3.');
  expect((await initctl(daemon, 'log', 'donald')).stdout).toContain('cannot read /etc/donald.conf');
  expect(await explain('absent')).toContain('Its main process could not be started.');
});
