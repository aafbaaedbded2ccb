import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

const PROJECT = join(import.meta.dirname, '../../..');
const INITCTL = join(PROJECT, 'packages/initctl/bin/initctl.js');
const BUILD = '/srv/build';

/** A root directory with the programs of the machine, and its `/proc`. */
const makeRoot = (root: string): string =>
  [
    `mkdir -p ${root}/etc/init ${root}/proc ${root}/run ${root}/var/log ${root}${PROJECT} ${root}/usr`,
    `mount --bind /usr ${root}/usr`,
    `mount --bind ${PROJECT} ${root}${PROJECT}`,
    `mount --bind /proc ${root}/proc`,
    `for link in bin lib lib32 lib64 sbin; do if [ -L /$link ]; then ln -sf usr/$link ${root}/$link; elif [ -d /$link ]; then mkdir -p ${root}/$link; mount --bind /$link ${root}/$link; fi; done`,
  ].join('; ');

const machine = async (): Promise<TestMachine> => {
  const machine = new TestMachine({
    files: { 'web.conf': 'exec sleep 1000\n', 'told.conf': 'start on inside\nexec sleep 1000\n' },
  });
  await vi.waitFor(() => machine.initctl('version'), { timeout: 60_000 });
  await machine.run('sh', '-c', makeRoot(BUILD));
  for (const name of ['web', 'build', 'hears'])
    machine.write(
      `${BUILD}/etc/init/${name}.conf`,
      name === 'hears' ? 'start on outside\nexec sleep 1000\n' : 'exec sleep 1000\n',
    );
  return machine;
};

const inside = (machine: TestMachine, ...words: readonly string[]): Promise<string> =>
  machine.run('chroot', BUILD, process.execPath, INITCTL, ...words);

/** In a network namespace of its own, too, where no abstract socket of the machine is seen. */
const apart = (machine: TestMachine, ...words: readonly string[]): Promise<string> =>
  machine.run('unshare', '--net', 'chroot', BUILD, process.execPath, INITCTL, ...words);

const failure = async (asked: Promise<string>): Promise<string> => {
  const error: unknown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  return String((error as { stderr?: unknown } | undefined)?.stderr ?? 'it was done');
};

describe.skipIf(!canBeMachine)('the session of a chroot', () => {
  test('is opened by name, has its own jobs of the same names, and is commanded from outside and from inside', async () => {
    const box = await machine();
    expect(await box.initctl('sessions')).toBe('system (system), 2 jobs\n');
    expect(await box.initctl('session', 'open', BUILD)).toBe(`${BUILD}\n`);
    expect(await box.initctl('sessions')).toBe(`system (system), 2 jobs\n${BUILD} (chroot), 3 jobs\n`);
    // The machine's lists are as they were.
    expect(await box.initctl('list')).toBe('told stop/waiting\nweb stop/waiting\n');
    expect((await inside(box, 'list')).split('\n').sort()).toEqual([
      '',
      'build stop/waiting',
      'hears stop/waiting',
      'web stop/waiting',
    ]);
    expect(await inside(box, 'start', 'web')).toMatch(/^web start\/running, process \d+\n$/);
    expect(await box.initctl('status', 'web')).toBe('web stop/waiting\n');
    expect(await box.initctl(`--chroot=${BUILD}`, 'status', 'web')).toMatch(/^web start\/running, process \d+\n$/);
    expect(await box.initctl(`--in-session=${BUILD}`, 'start', 'build')).toMatch(/^build start\/running/);
    const [, pid = ''] = /process (\d+)/.exec(await inside(box, 'status', 'web')) ?? [];
    expect((await box.run('readlink', `/proc/${pid}/root`)).trim()).toBe(BUILD);
    await box.initctl('session', 'close', BUILD);
    expect(await box.initctl('sessions')).toBe('system (system), 2 jobs\n');
    expect(() => box.read(`/proc/${pid}/stat`)).toThrow();
    expect(await box.run('ls', `${BUILD}/run/upstart`)).toBe('');
  });

  test('keeps its events to itself, and hears those of the machine', async () => {
    const box = await machine();
    await box.initctl('session', 'open', BUILD);
    await inside(box, 'emit', 'inside');
    expect(await box.initctl('status', 'told')).toBe('told stop/waiting\n');
    await box.initctl('emit', 'outside');
    expect(await inside(box, 'status', 'hears')).toMatch(/^hears start\/running/);
  });

  test('lets root inside look at the machine, and no more', async () => {
    const box = await machine();
    await box.initctl('session', 'open', BUILD);
    expect(await inside(box, '--global', 'list')).toBe('told stop/waiting\nweb stop/waiting\n');
    expect(await failure(inside(box, '--global', 'start', 'web'))).toContain(
      'You do not have permission to modify job: web',
    );
    expect(await failure(inside(box, 'status', 'told'))).toContain('Unknown job: told');
    expect(await failure(inside(box, 'restart-init'))).toContain('You do not have permission to request restart');
    expect(await failure(inside(box, 'session', 'open', '/etc'))).toContain('You do not have permission');
    expect(await inside(box, 'sessions')).toBe(`system (system), 2 jobs\n${BUILD} (chroot), 3 jobs\n`);
    expect(await inside(box, 'session', 'show')).toContain(`session ${BUILD}\n  kind chroot\n  root ${BUILD}\n`);
  });

  test('has a socket inside, also for who is in a network namespace of its own', async () => {
    const box = await machine();
    expect(await failure(apart(box, 'list'))).toContain('Unable to connect to Upstart');
    await box.initctl('session', 'open', BUILD);
    expect(await apart(box, 'start', 'web')).toMatch(/^web start\/running/);
    expect(await failure(apart(box, '--global', 'start', 'web'))).toContain('You do not have permission');
    // It goes on over a re-exec.
    await box.initctl('restart-init');
    expect(await apart(box, 'status', 'web')).toMatch(/^web start\/running/);
    await box.initctl('session', 'close', BUILD);
    expect(await box.run('ls', `${BUILD}/run/upstart`)).toBe('');
  });

  test('has none where its /run is the one of the machine', async () => {
    const box = await machine();
    await box.run('sh', '-c', `mkdir -p /run/upstart && mount --bind /run ${BUILD}/run`);
    await box.initctl('session', 'open', BUILD);
    expect(await box.run('ls', '/run/upstart')).not.toContain('private');
    expect(await inside(box, 'start', 'web')).toMatch(/^web start\/running/);
  });
});

describe.skipIf(!canBeMachine)('users of a machine without a bus', () => {
  const asDaemon = (box: TestMachine, ...words: readonly string[]): Promise<string> =>
    box.run('setpriv', '--reuid=1', '--regid=1', '--clear-groups', process.execPath, INITCTL, ...words);
  const files = { 'web.conf': 'exec sleep 1000\n' };

  test('come to the private socket where they have sessions', async () => {
    const box = new TestMachine({ args: ['--user-sessions'], files });
    await vi.waitFor(() => box.initctl('version'), { timeout: 60_000 });
    expect(await asDaemon(box, 'list')).toBe('web stop/waiting\n');
    expect(await asDaemon(box, 'sessions')).toBe('system (system), 1 job\nuser:daemon (user), 0 jobs\n');
    expect(await failure(asDaemon(box, '--global', 'start', 'web'))).toContain('You do not have permission');
  });

  test('are told that there is no bus where they have none', async () => {
    const box = new TestMachine({ files });
    await vi.waitFor(() => box.initctl('version'), { timeout: 60_000 });
    expect(await failure(asDaemon(box, 'list'))).toContain('Unable to connect to system bus');
  });
});
