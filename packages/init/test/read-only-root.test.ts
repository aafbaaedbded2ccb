import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

/** What a script of the shutdown does. What still hinders is told on standard error, with exit status 1. */
const release = (machine: TestMachine, ...dir: string[]): Promise<string> => machine.initctl('release-files', ...dir);
const resume = (machine: TestMachine): Promise<string> => machine.initctl('resume-files');
const remount = async (machine: TestMachine, how: 'ro' | 'rw'): Promise<string> =>
  machine.run('sh', '-c', `mount -o remount,${how} / 2>&1 || true`);

/** A service that writes a line to its log for each that it is given. */
const TALKER = [
  'start on startup',
  'pre-start exec mkfifo /run/talk',
  'script',
  '  cd /run',
  '  echo begun',
  '  while read line < /run/talk; do echo "$line"; done',
  'end script',
].join('\n');

const LOG = '/var/log/upstart/talker.log';
const JOURNAL = '/var/log/journal';
/** `/` is a file system of its own in any case; `/run` is one, as on every machine. */
const RUN = ['sh', '-c', 'mount -t tmpfs run /run; exec "$0" "$@"'];

describe.skipIf(!canBeMachine)('the root file system', () => {
  test('is mounted read-only while jobs run, once the daemon is told to let go; nothing is lost', async () => {
    const args = ['--journal', JOURNAL, '--no-dbus'];
    const machine = new TestMachine({ args, files: { 'talker.conf': TALKER }, before: RUN });
    await machine.until(LOG, /begun\n/);
    expect(await remount(machine, 'ro')).toContain('busy');
    expect(await release(machine, '/run/journal')).toBe('');
    machine.write('/run/talk', 'meanwhile\n');
    expect(await remount(machine, 'ro')).toBe('');
    expect(() => machine.write('/etc/x', '')).toThrow('EROFS');
    expect(await machine.initctl('status', 'talker')).toMatch(/^talker start\/running/);
    await remount(machine, 'rw');
    machine.write('/etc/init/new.conf', 'start on never\n');
    await resume(machine);
    await machine.until(LOG, /begun\nmeanwhile\n/);
    expect(await machine.initctl('list')).toMatch(/^new stop\/waiting$/m);
    expect(machine.read('/run/journal/journal.jsonl')).toContain('"what"');
  });

  test('is let go of when the machine goes down, without being asked; and held again if it does not', async () => {
    const args = ['--journal', JOURNAL, '--no-dbus'];
    // As the scripts of runlevel 0 and 6 do it: at the console, once the services are down.
    const remounting = 'for try in $(seq 500); do mount -o remount,ro / && exit 0; sleep 0.02; done; exit 1';
    const rc = `start on runlevel [06]\nconsole output\ntask\nscript\n  ${remounting}\nend script\n`;
    const talker = `${TALKER}\nstop on runlevel [06]\n`;
    const machine = new TestMachine({ args, files: { 'talker.conf': talker, 'rc.conf': rc }, before: RUN });
    await machine.until(LOG, /begun\n/);
    await machine.initctl('emit', 'runlevel', 'RUNLEVEL=6');
    expect(() => machine.write('/etc/x', '')).toThrow('EROFS');
    expect(machine.read('/run/upstart/journal/journal.jsonl')).toContain('"what"');
    await remount(machine, 'rw');
    machine.write('/etc/init/new.conf', 'start on never\n');
    await machine.initctl('emit', 'runlevel', 'RUNLEVEL=2');
    expect(await machine.initctl('list')).toMatch(/^new stop\/waiting$/m);
  });

  test('is held by what is deleted, but in use; the daemon says what that is', async () => {
    const old = '/opt/node';
    const before = [
      'sh',
      '-c',
      `mkdir /opt; cp ${process.execPath} ${old}; mount -t tmpfs run /run; shift; exec ${old} "$@"`,
      '0',
    ];
    const machine = new TestMachine({
      args: ['--no-dbus', '--no-log', '--verbose'],
      files: { 'talker.conf': TALKER },
      before,
    });
    await machine.err.match(/talker started/);
    expect(await release(machine)).toBe('');
    await machine.run('sh', '-c', `cp ${old} ${old}.new && mv ${old}.new ${old}`);
    expect(await remount(machine, 'ro')).toContain('busy');
    await expect(release(machine)).rejects.toThrow(
      `${old} is deleted, but in use: a daemon that executes itself again`,
    );
    machine.signal('SIGTERM');
    await machine.err.match(/Gone on where the supervisor before was/);
    expect(await release(machine)).toBe('');
    expect(await remount(machine, 'ro')).toBe('');
    await remount(machine, 'rw');
  });
});
