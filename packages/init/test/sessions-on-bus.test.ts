import { type ExecFileException, execFile } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CallMessage } from '../../dbus/src/message.js';
import { decode, encode, stampSerial } from '../../dbus/src/wire.js';
import { missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { SESSIONS_POLICY, SHIPPED_POLICY } from '../../dbus/test/helpers/policy.js';
import { canChroot } from '../../supervisor/test/helpers/chroot.js';
import { canMakeUsers } from '../../supervisor/test/helpers/users.js';
import { canCall, managerCall, PYTHON } from './helpers/caller.js';
import { makeChroot, makeUser, runs, SERVICE, startSystem } from './helpers/session-daemon.js';

const INITCTL = join(import.meta.dirname, '../../initctl/dist/main.js');
const SOON = { timeout: 60_000 };
const reason = missingBus();

/** A command of a user, by the bus that is the system's for it. @returns what it prints, then how it ended if that was badly */
const asUser = (uid: number, bus: TestBus, ...words: readonly string[]) =>
  new Promise<string>((resolve) => {
    const identity = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const env = { PATH: process.env['PATH'] ?? '', DBUS_SYSTEM_BUS_ADDRESS: bus.address };
    const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
      resolve(error === null ? stdout : `${stdout}${stderr}`);
    execFile('setpriv', [...identity, process.execPath, INITCTL, ...words], { env, timeout: 60_000 }, done);
  });

const start = async (policies: Readonly<Record<string, string>>) => {
  const bus = await new TestBus('system', { policies }).start();
  onTestFinished(() => bus.stop());
  const ann = makeUser({ web: SERVICE, agent: `start on startup\n${SERVICE}` });
  const bob = makeUser({});
  const daemon = startSystem(['--user-sessions'], {
    args: ['--session', '--live', '--user-sessions'],
    files: { 'web.conf': SERVICE },
    env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
  });
  chmodSync(daemon.home, 0o755);
  await expect.poll(() => asUser(ann.uid, bus, 'version'), SOON).toBe('init (upstart 1.13.2)\n');
  return { bus, ann, bob, daemon, session: `user:${ann.name}` };
};

describe.skipIf(!canMakeUsers || reason !== undefined)(`sessions of users on a bus${reason ?? ''}`, () => {
  test('a user has a session by calling, commands it, and looks at the system', async () => {
    const policies = { 'Upstart.conf': SHIPPED_POLICY, 'Upstart-user-sessions.conf': SESSIONS_POLICY };
    const { bus, ann, bob, daemon, session } = await start(policies);
    await runs(daemon, 'agent', session);
    expect(await asUser(ann.uid, bus, 'start', 'web')).toMatch(/^web start\/running, process \d+\n$/);
    // Two jobs have this name: it is said which is whose.
    const lines = (await asUser(ann.uid, bus, 'list')).split('\n').map((line) => line.replace(/, process \d+/, ''));
    expect(lines.sort()).toEqual(['', 'agent start/running', `${session}/web start/running`, 'web stop/waiting']);
    expect(await asUser(ann.uid, bus, '--global', 'status', 'web')).toBe('web stop/waiting\n');
    expect(await asUser(ann.uid, bus, '--global', 'start', 'web')).toContain(
      'You do not have permission to modify job: web',
    );
    expect(await asUser(ann.uid, bus, 'emit', 'shout')).toBe('');
    expect(await asUser(ann.uid, bus, 'journal')).toMatch(/web/);
    // Nobody else sees that there is such a user.
    expect(await asUser(bob.uid, bus, 'list')).toBe('web stop/waiting\n');
    expect(await asUser(bob.uid, bus, `--in-session=${session}`, 'stop', 'web')).toContain('No such session');
    expect(await asUser(ann.uid, bus, 'stop', 'web')).toBe('web stop/waiting\n');
  });

  test('without the second policy the bus refuses what it always has', async () => {
    const { bus, ann } = await start({ 'Upstart.conf': SHIPPED_POLICY });
    expect(await asUser(ann.uid, bus, 'start', 'agent')).toContain('Rejected send message');
  });
});

const canChooseNumbers = (): boolean => {
  try {
    accessSync('/proc/sys/kernel/ns_last_pid', constants.W_OK);
    return true;
  } catch {
    return false;
  }
};
const canReuse = canChroot && canCall && canChooseNumbers();
if (!canReuse)
  process.stderr.write(
    'The test of a number that is used again is left out: it needs root and /proc/sys/kernel/ns_last_pid\n',
  );

const NUMBERS = join(import.meta.dirname, 'fixtures/name-and-number.py');

const hexOf = (message: CallMessage, serial: number): string => {
  const { bytes } = encode(message);
  stampSerial(bytes, serial);
  return Buffer.from(bytes).toString('hex');
};

describe.skipIf(!canReuse || reason !== undefined)(`sessions of chroots on a bus${reason ?? ''}`, () => {
  test('who has a connection whose process has ended is not the process that has its number now', async () => {
    const bus = await new TestBus('system', { policies: { 'Upstart.conf': SHIPPED_POLICY } }).start();
    onTestFinished(() => bus.stop());
    const chroot = makeChroot({});
    startSystem([], {
      args: ['--session', '--live', '--chroot-session', chroot.root],
      files: { 'web.conf': SERVICE },
      env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
    });
    await expect.poll(() => asUser(0, bus, '--system', 'status', 'web'), SOON).toBe('web stop/waiting\n');
    const hello = {
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      destination: 'org.freedesktop.DBus',
    };
    const start = {
      path: '/com/ubuntu/Upstart/jobs/web',
      interface: 'com.ubuntu.Upstart0_6.Job',
      destination: 'com.ubuntu.Upstart',
    };
    const calls = [
      hexOf(managerCall('Hello', '', [], hello), 1),
      hexOf(managerCall('Start', 'asb', [[], true], start), 2),
    ];
    const socket = bus.address.replace('unix:path=', '');
    const answer = await new Promise<string>((resolve, reject) =>
      execFile(PYTHON, [NUMBERS, socket, chroot.root, ...calls], { timeout: 60_000 }, (error, stdout) =>
        error === null ? resolve(stdout.trim()) : reject(error),
      ),
    );
    const { message } = decode(Buffer.from(answer, 'hex'), []);
    expect(message).toMatchObject({ kind: 'error', errorName: 'org.maverick.Init1.Error.NoSession' });
    expect(await asUser(0, bus, '--system', 'status', 'web')).toBe('web stop/waiting\n');
    // Who comes in the usual way gets in, also after the daemon has become another.
    await asUser(0, bus, '--system', 'restart-init');
    expect(await asUser(0, bus, '--system', 'start', 'web')).toMatch(/^web start\/running/);
  }, 120_000);
});
