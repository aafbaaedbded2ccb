import { type ExecFileException, execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

/** `initctl` and the programs of System V on a machine of namespaces, with the machine's own tools beside them. */

vi.setConfig({ testTimeout: 120_000 });

const BIN = join(import.meta.dirname, '../../initctl/bin');
const TOLD = 'start on runlevel\ntask\nscript\n  echo "$RUNLEVEL $PREVLEVEL $INIT_HALT $A" >>/tmp/levels\nend script\n';

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run a shell command inside, with the programs by their names. */
const sh = (machine: TestMachine, command: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const enter = ['-t', String(machine.init), '--pid', '--mount', '--net', '--uts', '--ipc', '--root', '--wd'];
    const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    const PATH = '/tools:/usr/sbin:/usr/bin:/sbin:/bin';
    execFile(
      'nsenter',
      [...enter, 'sh', '-c', command],
      { encoding: 'utf8', env: { PATH, LC_ALL: 'C', ...env } },
      done,
    );
  });

const boot = async (before: readonly string[] = []): Promise<TestMachine> => {
  const files = { 'told.conf': TOLD, 'up.conf': 'start on startup\nexec sleep 1000\n' };
  const machine = new TestMachine({ files, before });
  await machine.err.match(/up started/);
  const names = ['initctl', 'telinit', 'runlevel', 'shutdown', 'reboot', 'halt', 'poweroff'];
  const scripts = names.map(
    (name) => `printf '#!/bin/sh\\nexec ${process.execPath} ${BIN}/${name}.js "$@"\\n' >/tools/${name}`,
  );
  await sh(machine, `mkdir /tools && ${scripts.join(' && ')} && chmod +x /tools/* && touch /var/log/wtmp`);
  return machine;
};

const said = (stdout: string): Ran => ({ status: 0, stdout, stderr: '' });

describe.skipIf(!canBeMachine)('on a machine', () => {
  test('--global means its daemon, whatever session the caller is in', async () => {
    const machine = await boot();
    const elsewhere = { UPSTART_SESSION: 'unix:abstract=/maverick/nobody-is-here' };
    expect(await sh(machine, 'initctl version', elsewhere)).toMatchObject({ status: 1, stdout: '' });
    expect(await sh(machine, 'initctl --global version', elsewhere)).toEqual(said('init (upstart 1.13.2)\n'));
    expect((await sh(machine, 'initctl status up --global', elsewhere)).stdout).toMatch(/^up start\/running, process/);
    expect(await sh(machine, 'initctl get-env --global PATH', elsewhere)).toMatchObject({ status: 1 });
  });

  test.each(['set-env -g A=1', 'unset-env A', 'reset-env'])('the table of process 1 refuses %s', async (command) => {
    expect(await sh(await boot(), `initctl ${command}`)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'initctl: Not permissible to modify PID 1 job environment\n',
    });
  });

  test('changes of level are events, and who(1) and last(1) know of them', async () => {
    const machine = await boot();
    expect(await sh(machine, 'runlevel')).toEqual({ status: 1, stdout: 'unknown\n', stderr: '' });
    expect(await sh(machine, 'telinit 2')).toEqual(said(''));
    expect(await sh(machine, 'runlevel')).toEqual(said('N 2\n'));
    expect(await sh(machine, 'telinit -t 3 -e A=b 3')).toEqual(said(''));
    expect(await sh(machine, 'runlevel')).toEqual(said('2 3\n'));
    await machine.until('/tmp/levels', /^3 2 {2}b$/m);
    expect(machine.read('/tmp/levels')).toBe('2 N  \n3 2  b\n');
    expect((await sh(machine, 'who -r')).stdout).toMatch(/run-level 3 .* last=2/);
    expect((await sh(machine, 'who -b')).stdout).toMatch(/system boot/);
    const last = (await sh(machine, 'last -x -f /var/log/wtmp')).stdout;
    expect(last).toMatch(/^runlevel \(to lvl 3\).*^runlevel \(to lvl 2\).*^reboot +system boot/ms);
  });

  test.each([
    ['-r now', '6 2  \n'],
    ['-h now', '0 2  \n'],
    ['-h -H now', '0 2 HALT \n'],
    ['-h -P now', '0 2 POWEROFF \n'],
    ['now', '1 2  \n'],
  ])('shutdown %s', async (args, level) => {
    const machine = await boot();
    await sh(machine, 'telinit 2');
    await machine.until('/tmp/levels', /^2 N/);
    expect(await sh(machine, `shutdown ${args}`)).toMatchObject({ status: 0, stderr: '' });
    await machine.until('/tmp/levels', /^\d 2/m);
    expect(machine.read('/tmp/levels')).toBe(`2 N  \n${level}`);
    expect((await sh(machine, 'runlevel')).stdout).toBe(`2 ${level[0]}\n`);
  });

  test.each([
    ['reboot', '', 'execute /sbin/shutdown -r now'],
    ['halt', '', 'execute /sbin/shutdown -h -H now'],
    ['halt -p', '', 'execute /sbin/shutdown -h -P now'],
    ['poweroff', '', 'execute /sbin/shutdown -h -P now'],
    ['reboot -f', '', 'reboot(restart)'],
    ['reboot -f recovery', '', 'reboot(restart, recovery)'],
    ['halt -n -f -d -i -h', '', 'reboot(halt)'],
    ['halt', '0', 'reboot(halt)'],
    ['poweroff', '6', 'reboot(poweroff)'],
  ])('%s in level "%s": all but the last call', async (command, RUNLEVEL, told) => {
    const machine = await boot();
    const env = { MAVERICK_PRETEND: '1', ...(RUNLEVEL === '' ? {} : { RUNLEVEL }) };
    const [program] = command.split(' ');
    expect(await sh(machine, command, env)).toEqual(said(`${program}: pretending to ${told}\n`));
    const recorded = (await sh(machine, 'last -x -f /var/log/wtmp')).stdout;
    if (told.startsWith('execute')) expect(recorded).not.toMatch(/^shutdown/m);
    else expect(recorded).toMatch(/^shutdown system down/m);
  });

  test('-w records the end, and ends nothing', async () => {
    const machine = await boot();
    await sh(machine, 'telinit 2');
    expect(await sh(machine, 'reboot -w')).toEqual(said(''));
    expect((await sh(machine, 'last -x -f /var/log/wtmp')).stdout).toMatch(/^shutdown system down/m);
    // After it there is no level, and a change to one begins a new life of the machine.
    expect(await sh(machine, 'runlevel')).toEqual({ status: 1, stdout: 'unknown\n', stderr: '' });
    await sh(machine, 'telinit 2');
    expect((await sh(machine, 'runlevel')).stdout).toBe('N 2\n');
  });

  test('what is wrong with their words', async () => {
    const machine = await boot();
    const hint = (program: string) => `Try \`${program} --help' for more information.\n`;
    for (const [command, text] of [
      ['telinit', 'missing runlevel'],
      ['telinit x', 'illegal runlevel: x'],
      ['telinit 22', 'illegal runlevel: 22'],
      ['shutdown', 'time expected'],
      ['shutdown 25:00', 'illegal hour value'],
      ['shutdown 10:61', 'illegal minute value'],
      ['shutdown soon', 'illegal time value'],
    ] as const) {
      const [program = ''] = command.split(' ');
      expect(await sh(machine, command)).toEqual({
        status: 1,
        stdout: '',
        stderr: `${program}: ${text}\n${hint(program)}`,
      });
    }
    const plain = (stderr: string): Ran => ({ status: 1, stdout: '', stderr });
    expect(await sh(machine, 'shutdown -c')).toEqual(plain('shutdown: Cannot find pid of running shutdown\n'));
    expect(await sh(machine, 'echo 99999 >/run/shutdown.pid; shutdown -c')).toEqual(
      plain('shutdown: Shutdown is not running\n'),
    );
    expect(await sh(machine, 'runlevel /nowhere')).toEqual(plain('runlevel:/nowhere: No such file or directory\n'));
    expect(await sh(machine, 'setpriv --reuid=1 --clear-groups /tools/telinit 2')).toEqual(
      plain('telinit: Need to be root\n'),
    );
  });

  test.each([
    { how: 'by its path', before: [] },
    // Before there is a /proc, its name is all that Node knows of itself then.
    { how: 'as the kernel starts a script', before: ['bash', '-c', 'exec -a node "$@"', 'bash'] },
  ])('telinit q and u speak to process 1, started $how', async ({ before }) => {
    const machine = await boot(before);
    machine.write('/etc/init/new.conf', 'start on never\n');
    expect(await sh(machine, 'telinit q')).toEqual(said(''));
    await vi.waitFor(async () => expect((await sh(machine, 'initctl status new')).stdout).toBe('new stop/waiting\n'), {
      timeout: 60_000,
    });
    const status = await machine.initctl('status', 'up');
    expect(await sh(machine, 'telinit u')).toEqual(said(''));
    expect(await machine.initctl('status', 'up')).toBe(status);
  });
});
