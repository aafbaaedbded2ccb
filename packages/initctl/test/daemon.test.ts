import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { type Initctl, playSession } from './helpers/session.js';

const JOBS = {
  sleeper: 'usage "sleeper has no options"\nexec sleep 300\n',
  inst: 'instance $X\nusage "inst X=name"\nexec sleep 300\n',
  noproc: 'start on ev-np\nstop on ev-np-off\n',
  'sub/nested': 'emits foo-*\nexec sleep 300\n',
  task1: 'task\nexec true\n',
  failtask: 'task\nexec false\n',
  nobin: 'exec /nonexistent\n',
  prefail: 'pre-start exec false\nexec sleep 300\n',
  failev: 'start on failev\ntask\nexec false\n',
  onevent: 'start on ev1 FOO=b*\nstop on ev2\nexec sleep 300\n',
  slow: 'start on go-slow\npre-start script\n  mkfifo $GATE\n  cat $GATE\nend script\nexec sleep 300\n',
} as const;

const daemon = liveDaemon(JOBS);

const initctl: Initctl = (words) => run(words, { env: daemon.env });
const session = (text: string): Promise<void> => playSession(text, initctl, { hidePids: true });

const pidOf = async (...words: readonly string[]): Promise<number> => {
  const { stdout } = await initctl(words);
  return Number(/, process (\d+)$/m.exec(stdout)?.[1]);
};

describe('jobs', () => {
  test('start, status, stop', () =>
    session(`
$ status sleeper
sleeper stop/waiting
$ start sleeper
sleeper start/running, process PID
$ start sleeper
! initctl: Job is already running: sleeper
$ status sleeper
sleeper start/running, process PID
$ stop sleeper
sleeper stop/waiting
$ stop sleeper
! initctl: Unknown instance: 
$ restart sleeper
! initctl: Unknown instance: 
$ start nosuch
! initctl: Unknown job: nosuch
$ start sub/nested
sub/nested start/running, process PID
$ stop sub/nested
sub/nested stop/waiting`));

  test('restart gives it another process', async () => {
    const before = await pidOf('start', 'sleeper');
    const after = await pidOf('restart', 'sleeper');
    expect(after).not.toBe(before);
    expect(await pidOf('status', 'sleeper')).toBe(after);
    // The kernel lets the daemon go on a moment before the new program's arguments can be read.
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${after}/cmdline`, 'utf8').split('\0')).toEqual(['sleep', '300', '']),
      { timeout: 60_000 },
    );
    await session('$ stop sleeper\nsleeper stop/waiting');
  });

  test('reload sends the main process SIGHUP', async () => {
    await pidOf('start', 'sleeper');
    await session('$ reload sleeper');
    await vi.waitFor(() => session('$ status sleeper\nsleeper stop/waiting'), { timeout: 60_000 });
  });

  test('instances', () =>
    session(`
$ start inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ start inst X=a
inst (a) start/running, process PID
$ start inst X=a
! initctl: Job is already running: inst (a)
$ start inst X=b Z=1
inst (b) start/running, process PID
$ status inst X=a
inst (a) start/running, process PID
$ status inst X=zz
! initctl: Unknown instance: zz
$ stop inst X=a
inst stop/waiting
$ restart inst X=b
inst (b) start/running, process PID
$ stop inst X=b
inst stop/waiting
$ start inst X=a_b/c
inst (a b/c) start/running, process PID
$ stop inst X=a_b/c
inst stop/waiting`));

  test('tasks, and jobs that fail', () =>
    session(`
$ start task1
task1 stop/waiting
$ start failtask
! initctl: Job failed to start
$ start nobin
! initctl: Job failed to start
$ start prefail
! initctl: Job failed to start`));

  test('list', async () => {
    const lines = (await initctl(['list'])).stdout.trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(
      Object.keys(JOBS)
        .toSorted()
        .map((name) => `${name} stop/waiting`),
    );
  });
});

describe('events', () => {
  test('start and stop what wants them', () =>
    session(`
$ emit ev1
$ emit ev1 FOO=zzz
$ status onevent
onevent stop/waiting
$ emit ev1 FOO=bar X=1
$ status onevent
onevent start/running, process PID
$ emit ev2
$ status onevent
onevent stop/waiting
$ emit ev-np
$ status noproc
noproc start/running
$ start noproc
! initctl: Job is already running: noproc
$ emit ev-np-off
$ status noproc
noproc stop/waiting
$ emit with_blank A=x_y
$ emit failev
! initctl: Event failed
$ emit --no-wait failev`));

  test('emit waits for the jobs that the event starts; --no-wait does not', async () => {
    const gate = join(daemon.folder, 'gate');
    let ended = false;
    const emitted = initctl(['emit', 'go-slow', `GATE=${gate}`]).finally(() => {
      ended = true;
    });
    await vi.waitFor(() => session('$ status slow\nslow start/pre-start, process PID'), { timeout: 60_000 });
    await session('$ emit --no-wait something-else');
    await vi.waitFor(() => expect(existsSync(gate)).toBe(true), { timeout: 60_000 });
    expect(ended).toBe(false);
    writeFileSync(gate, '');
    expect(await emitted).toEqual({ status: 0, stdout: '', stderr: '' });
    await session('$ status slow\nslow start/running, process PID\n$ stop slow\nslow stop/waiting');
  });
});

describe('configuration', () => {
  test('show-config and usage', () =>
    session(`
$ show-config onevent
onevent
  start on ev1 FOO=b*
  stop on ev2
$ show-config -e onevent
onevent
  start on ev1 (job:, env: FOO=b*)
  stop on ev2 (job:, env:)
$ show-config sub/nested
sub/nested
  emits foo-*
$ usage sleeper
Usage: sleeper has no options`));

  test('reload-configuration reads added and removed files', async () => {
    daemon.writeJob('added', 'exec sleep 300\n');
    await session('$ reload-configuration\n$ start added\nadded start/running, process PID');
    daemon.removeJob('added');
    await session(`
$ reload-configuration
$ stop added
added stop/waiting
$ status added
! initctl: Unknown job: added`);
  });

  test('version and log-priority', () =>
    session(`
$ version
init (upstart 1.13.2)
$ log-priority error
$ log-priority
error
$ log-priority message
$ log-priority bogus
! initctl: The log priority given was not recognised`));
});
