import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, test } from 'vitest';
import { ownAddress } from '../src/own-address.js';
import { TestDaemon } from './helpers/test-daemon.js';

const XDG_RUNTIME_DIR = '/run/user/7';

test.each([
  { address: 'unix:abstract=/a/b', is: 'unix:abstract=/a/b' },
  { address: 'unix:path=/run/a%20b', is: 'unix:path=/run/a%20b' },
  { address: 'unix:runtime=yes', is: 'unix:path=/run/user/7/bus' },
])('--address=$address is told as $is', ({ address, is }) => {
  expect(ownAddress('user', { address }, { XDG_RUNTIME_DIR })).toBe(is);
});

test.each([
  { address: 'tcp:host=localhost', env: {}, message: "the transport 'tcp' is not supported" },
  { address: 'unix:path=run/x', env: {}, message: 'must name an absolute path' },
  { address: 'unix:path=/a;unix:path=/b', env: {}, message: 'takes one address' },
  { address: 'unix:runtime=yes', env: {}, message: 'XDG_RUNTIME_DIR is not set' },
])('--address=$address with $env is refused: $message', ({ address, env, message }) => {
  expect(() => ownAddress('user', { address }, env)).toThrow(message);
});

test('without the option it is that of the mode', () => {
  expect(ownAddress('system', {}, {})).toBe('unix:abstract=/com/ubuntu/upstart');
});

describe('a daemon with --address', () => {
  const files = { 'tell.conf': 'start on startup\ntask\nexec sh -c "echo $UPSTART_SESSION"\n' };

  test('answers at unix:runtime=yes, tells its jobs, and leaves no socket behind', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--live', '--address', 'unix:runtime=yes'], files });
    await daemon.out.match(/event {4}stopped JOB=tell/);
    const path = join(daemon.runtimeDir, 'bus');
    const upstart = await connect(`unix:path=${path}`);
    expect(await upstart.version()).toBe('init (upstart 1.13.2)');
    upstart.close();
    const log = join(daemon.home, '.cache/upstart/tell.log');
    await expect
      .poll(() => (existsSync(log) ? readFileSync(log, 'utf8') : ''), { timeout: 60_000 })
      .toBe(`unix:path=${path}\n`);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0 });
    expect(existsSync(path)).toBe(false);
  });

  test('that is none says so, and ends', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--address', 'tcp:host=localhost'], files: {} });
    await daemon.err.match(
      /init: Unable to start: Could not use the D-Bus address 'tcp:host=localhost': the transport 'tcp' is not/,
    );
    expect(await daemon.ended).toMatchObject({ code: 1 });
  });
});
