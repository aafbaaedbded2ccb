import { type ExecFileException, execFile } from 'node:child_process';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { missingSystemBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { TestDaemon } from './helpers/test-daemon.js';

/** `initctl` by the bus, as everybody but root reaches the init of the system. */

const INITCTL = join(import.meta.dirname, '../../initctl/bin/initctl.js');
const SOON = { timeout: 60_000 };
const NOBODY = 65_534;
const missing = missingSystemBus();

interface Ran {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  new Promise((resolve) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
      resolve({
        status: error === null ? 0 : error.code,
        stdout: stdout.replace(/process \d+/g, 'process PID'),
        stderr,
      });
    execFile(program, args, { env, timeout: 60_000 }, done);
  });

const stage = async () => {
  const bus = await new TestBus('system', { policies: { 'Upstart.conf': SHIPPED_POLICY } }).start();
  onTestFinished(() => bus.stop());
  new TestDaemon({
    files: { 'web.conf': 'start on net-up\nexec sleep 1000', 'idle.conf': 'exec sleep 1000' },
    env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
  });
  const upstart = await connect({ bus: bus.address });
  onTestFinished(() => upstart.close());
  await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const { PATH = '' } = process.env;
  const env = { PATH, DBUS_SYSTEM_BUS_ADDRESS: bus.address, DBUS_SESSION_BUS_ADDRESS: bus.address };
  return { env, initctl: (...words: string[]) => run(process.execPath, [INITCTL, ...words], env) };
};

describe.skipIf(missing)(`initctl${missing === undefined ? '' : ` (${missing})`}`, { timeout: 120_000 }, () => {
  test.each(['--system', '--session'])('%s starts, lists and stops by the bus', async (bus) => {
    const { initctl } = await stage();
    const said = (stdout: string) => ({ status: 0, stdout, stderr: '' });
    expect(await initctl(bus, 'start', 'web')).toEqual(said('web start/running, process PID\n'));
    const { stdout } = await initctl(bus, 'list');
    expect(stdout.split('\n').sort()).toEqual(['', 'idle stop/waiting', 'web start/running, process PID']);
    expect(await initctl('stop', 'web', bus)).toEqual(said('web stop/waiting\n'));
    expect(await initctl(bus, 'status', 'nosuch')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'initctl: Unknown job: nosuch\n',
    });
  });

  const root = process.getuid?.() === 0;
  test.skipIf(!root)('of another user may look, and is told what it may not do', async () => {
    const { env } = await stage();
    const asNobody = (...words: string[]) => {
      const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      return run('setpriv', [...identity, process.execPath, INITCTL, ...words], env);
    };
    expect((await asNobody('list')).stdout.split('\n').sort()).toEqual(['', 'idle stop/waiting', 'web stop/waiting']);
    expect(await asNobody('status', 'web')).toEqual({ status: 0, stdout: 'web stop/waiting\n', stderr: '' });
    expect((await asNobody('show-config', 'web')).stdout).toBe('web\n  start on net-up\n');
    expect(await asNobody('start', 'web')).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^initctl: Rejected send message, /),
    });
  });
});
