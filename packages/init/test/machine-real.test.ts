import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';
const hasBus = spawnSync('dbus-daemon', ['--version']).status === 0;
if (!hasBus) console.log('skipped: the bus of a session takes dbus-daemon');
/** Without a console of the machine nobody can send these keys. */
const keys = existsSync('/dev/tty0')
  ? [{ signal: 'SIGWINCH', event: 'keyboard-request', told: 'event keyboard-request   \n' } as const]
  : [];
if (keys.length === 0) console.log('skipped: SIGWINCH takes /dev/tty0');
/** A job that tells of each event of a name. */
const onEvent = (name: string): string =>
  `start on ${name}\ntask\nscript\n  echo "event $UPSTART_EVENTS $RUNLEVEL $PREVLEVEL $INIT_HALT" > /tmp/${name}\nend script\n`;
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

describe.skipIf(!canBeMachine)('process 1 of a machine', () => {
  test('makes the machine fit for jobs, and gives them what the original gives', async () => {
    const script = [
      'env | sort',
      'pwd',
      'umask',
      'stat -f -c %T /proc /sys /dev/pts',
      'stat -c %a:%t:%T /dev/null /dev/tty /dev/console /dev/ptmx',
      'test -c /dev/kmsg && cut -d" " -f6 /proc/1/stat',
    ];
    const boot = `start on startup\ntask\nscript\n${script.join('\n')}\nend script\n`;
    const machine = new TestMachine({ files: { 'boot.conf': boot }, env: { HOME: '/', STRANGE: 'yes' } });
    await machine.err.match(/boot stopped/);
    expect(machine.read('/var/log/upstart/boot.log').split('\n')).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/sbin:/bin',
      'PWD=/',
      'TERM=linux',
      'UPSTART_EVENTS=startup',
      'UPSTART_INSTANCE=',
      'UPSTART_JOB=boot',
      '/',
      '0022',
      'proc',
      'sysfs',
      'devpts',
      '666:1:3',
      '666:5:0',
      '600:5:1',
      '666:5:2',
      // It leads a session.
      '1',
      '',
    ]);
  });

  test('is found by its clients without being told where, and carries events', async () => {
    const machine = new TestMachine({ files: { 'web.conf': SERVICE, 'runlevel.conf': onEvent('runlevel') } });
    await machine.err.match(/web started/);
    expect(await machine.initctl('version')).toBe('init (upstart 1.13.2)\n');
    expect(await machine.initctl('status', 'web')).toMatch(/^web start\/running, process \d+\n$/);
    await machine.initctl('emit', 'runlevel', 'RUNLEVEL=2', 'PREVLEVEL=N');
    expect(machine.read('/tmp/runlevel')).toBe('event runlevel 2 N \n');
  });

  test.each([
    { signal: 'SIGINT', event: 'control-alt-delete', told: 'event control-alt-delete   \n' },
    ...keys,
    { signal: 'SIGPWR', event: 'power-status-changed', told: 'event power-status-changed   \n' },
    { signal: 37, event: 'runlevel', told: 'event runlevel 0 N HALT\n' },
    { signal: 38, event: 'runlevel', told: 'event runlevel 0 N POWEROFF\n' },
    { signal: 39, event: 'runlevel', told: 'event runlevel 6 N \n' },
  ] as const)('signal $signal becomes the event $event', async ({ signal, event, told }) => {
    const machine = new TestMachine({ files: { 'web.conf': SERVICE, 'told.conf': onEvent(event) } });
    await machine.err.match(/web started/);
    machine.signal(signal);
    await machine.err.match(/told stopped/);
    expect(machine.read(`/tmp/${event}`)).toBe(told);
  });

  test('no signal ends it, however many come at once', async () => {
    const machine = new TestMachine({ files: { 'web.conf': SERVICE, 'told.conf': onEvent('told') } });
    await machine.err.match(/web started/);
    const signals = ['SIGINT', 'SIGPWR', 'SIGWINCH', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGQUIT'] as const;
    for (let round = 0; round < 500; round += 1) for (const signal of signals) machine.signal(signal);
    machine.write('/etc/init/new.conf', 'start on never\n');
    await machine.initctl('emit', 'told');
    expect(machine.read('/tmp/told')).toBe('event told   \n');
    machine.signal('SIGHUP');
    expect(await machine.initctl('list')).toMatch(/^new stop\/waiting$/m);
    expect(machine.err.text).not.toContain('Internal error');
  });

  test('a fault that is only sent to it does not end it either', async () => {
    const machine = new TestMachine({ files: { 'web.conf': SERVICE } });
    await machine.err.match(/web started/);
    for (const name of ['SEGV', 'ABRT', 'BUS', 'SEGV', 'KILL']) await machine.run('kill', `-${name}`, '1');
    for (const name of ['SIGSEGV', 'SIGABRT'] as const) machine.signal(name);
    expect(await machine.initctl('status', 'web')).toMatch(/^web start\/running/);
  });

  test('reaps a thousand orphans', async () => {
    const orphans = [
      'start on startup',
      'task',
      'script',
      '  for i in $(seq 100); do',
      '    ( for j in 1 2 3 4 5 6 7 8 9 10; do ( : & ) & done ) &',
      '  done',
      '  wait',
      'end script',
    ].join('\n');
    const machine = new TestMachine({ files: { 'orphans.conf': orphans, 'after.conf': onEvent('stopped') } });
    await machine.err.match(/orphans stopped/);
    // What has just died may be on its way.
    while (machine.states().size > 2 || [...machine.states().values()].includes('Z'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(machine.states().get(1)).toMatch(/[SRD]/);
  });

  test('lives on with bugs in its handlers, and says so', async () => {
    const machine = new TestMachine({
      files: { 'web.conf': SERVICE },
      node: ['--import', fixture('faults.mjs')],
      env: { FAULT_AT_START: 'start' },
    });
    await machine.err.match(/Internal error, contained: Error: bug in the start at Supervisor\.start /);
    for (const bug of ['Error: bug in a handler', 'Error: bug in a callback', 'Error: bug in a promise', 'null']) {
      machine.signal('SIGHUP');
      await machine.err.match(new RegExp(`Internal error, contained: ${bug}`));
    }
    expect(await machine.initctl('status', 'web')).toMatch(/^web start\/running/);
    machine.write('/etc/init/new.conf', 'start on never\n');
    machine.signal('SIGHUP');
    expect(await machine.initctl('list')).toMatch(/^new stop\/waiting$/m);
  });

  test('does not end because of a mistake on the command line of the kernel', async () => {
    const args = ['--no-dbus', '--stop-timeout', 'soon', '--job-less'];
    const machine = new TestMachine({ args, files: { 'web.conf': SERVICE } });
    await machine.err.match(/init: A mistake on the command line, .*: --stop-timeout: 'soon' is none of what it takes/);
    await machine.err.match(/web started/);
  });

  test('SIGTERM has it execute itself again: the same jobs, with the same processes', async () => {
    const machine = new TestMachine({ args: ['--verbose', '--no-dbus'], files: { 'web.conf': SERVICE } });
    await machine.err.match(/web started/);
    const status = await machine.initctl('status', 'web');
    machine.signal('SIGTERM');
    await machine.err.match(/init: Gone on where the supervisor before was: 1 process\n/);
    expect(await machine.initctl('status', 'web')).toBe(status);
  });

  test('that can not be made stands still instead of taking the machine down', async () => {
    const machine = new TestMachine({ node: ['--import', fixture('no-daemon.mjs')] });
    await machine.err.match(/init: Unable to start: bug in the construction\ninit: Unable to start: /);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) machine.signal(signal);
    expect(machine.states().get(1)).toMatch(/[SRD]/);
  });

  test.skipIf(!hasBus)(
    'joins the bus of the session that USE_SESSION_BUS means, as soon as SIGUSR1 says that it is there',
    async () => {
      const address = 'unix:path=/tmp/bus';
      const bus = `start on go\nexec dbus-daemon --session --nofork --nopidfile --address=${address}\n`;
      const machine = new TestMachine({
        files: { 'web.conf': SERVICE, 'bus.conf': bus },
        env: { USE_SESSION_BUS: '1', DBUS_SESSION_BUS_ADDRESS: address },
      });
      await machine.err.match(/web started/);
      await machine.initctl('start', 'bus');
      const owner = async (): Promise<string> => {
        machine.signal('SIGUSR1');
        const ask = ['org.freedesktop.DBus.NameHasOwner', 'string:com.ubuntu.Upstart'];
        const words = [`--bus=${address}`, '--print-reply=literal', '--dest=org.freedesktop.DBus', '/', ...ask];
        return machine.run('dbus-send', ...words).catch(String);
      };
      await expect.poll(owner, { timeout: 60_000 }).toMatch(/boolean true/);
      expect(await machine.initctl('status', 'web')).toMatch(/^web start\/running/);
    },
  );

  test('as any other process it becomes telinit, or says what it could be instead', async () => {
    const machine = new TestMachine({ files: { 'web.conf': SERVICE } });
    await machine.err.match(/web started/);
    const upstart = join(import.meta.dirname, '../bin/upstart.js');
    machine.write('/tmp/telinit', '#!/bin/sh\necho telinit "$@"\n');
    const said = async (telinit: string): Promise<string> =>
      machine.run(
        'unshare',
        ...['-m', 'sh', '-c'],
        `chmod +x /tmp/telinit; mkdir -p /tmp/sbin; ${telinit}; mount --bind /tmp/sbin /usr/sbin; ${process.execPath} ${upstart} -e A=b 3 2>&1 || true`,
      );
    expect(await said('cp /tmp/telinit /tmp/sbin')).toBe('telinit -e A=b 3\n');
    expect(await said('rm /tmp/sbin/telinit')).toMatch(/^init: The init of a machine is process 1, .*--container/);
  });
});
