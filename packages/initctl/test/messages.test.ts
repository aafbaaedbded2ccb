import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { type Initctl, playSession } from './helpers/session.js';

/** The messages and status lines of initctl(8) that only a job in the right state brings about, asked of a daemon. */

/** Each process of the job goes on when a file is there. */
const until = (number: number): string => `script\n  while [ ! -e $D/${number} ]; do sleep 0.05; done\nend script\n`;

const JOBS = {
  phases: `pre-start ${until(1)}exec sleep 300\npost-start ${until(2)}pre-stop ${until(3)}post-stop ${until(4)}`,
  lasting: 'post-start exec sleep 300\n',
  stubborn: 'kill timeout 600\nscript\n  trap "" TERM\n  echo ready\n  while :; do sleep 1; done\nend script\n',
  'fails-after': 'exec sleep 300\npost-stop exec false\n',
  'fails-before': 'exec sleep 300\npre-stop exec false\n',
  inst: 'instance $X\nusage "inst X=name"\nexec sleep 300\n',
  plain: 'exec sleep 300\n',
  task: 'task\nexec sleep 300\n',
} as const;

const daemon = liveDaemon(JOBS);
let phase: string;

beforeAll(async () => {
  phase = join(daemon.folder, 'phase');
  mkdirSync(phase);
}, 120_000);

const initctl: Initctl = (words) => run(words, { env: daemon.env });
const session = (text: string): Promise<void> => playSession(text, initctl, { hidePids: true });

describe('status lines', () => {
  const goOn = (number: number, line: string): Promise<void> => {
    writeFileSync(join(phase, String(number)), '');
    return vi.waitFor(() => session(`$ status phases\n${line}`), { timeout: 60_000 });
  };

  test('name each process of a job on its way up and down', async () => {
    expect((await initctl(['start', '--no-wait', 'phases', `D=${phase}`])).stdout).toMatch(
      /^phases start\/pre-start, process \d+\n$/,
    );
    await goOn(1, 'phases start/post-start, process PID\n\tpost-start process PID');
    await goOn(2, 'phases start/running, process PID');
    await session('$ stop -n phases\nphases stop/pre-stop, process PID\n\tpre-stop process PID');
    await goOn(3, 'phases stop/post-stop, process PID');
    await goOn(4, 'phases stop/waiting');
  });

  test('put a role in parentheses after whose end nothing goes on', async () => {
    await initctl(['start', '-n', 'lasting']);
    await session('$ status lasting\nlasting start/post-start, (post-start) process PID');
    const { stdout } = await initctl(['list']);
    expect(stdout).toMatch(/^lasting start\/post-start, \(post-start\) process \d+$/m);
    await initctl(['stop', '-n', 'lasting']);
  });

  test('show what is under way where nobody waits', async () => {
    expect((await initctl(['start', '-n', 'task'])).stdout).toMatch(/^task start\/(spawned|running), process \d+\n$/);
    expect((await initctl(['stop', '-n', 'task'])).stdout).toMatch(
      /^task stop\/(waiting|(killed|stopping), process \d+)\n$/,
    );
  });
});

describe('stop', () => {
  test('of a job that fails while it stops', () =>
    session(`
$ start fails-after
fails-after start/running, process PID
$ stop fails-after
! initctl: Job failed while stopping
$ status fails-after
fails-after stop/waiting
$ start fails-before
fails-before start/running, process PID
$ stop fails-before
fails-before stop/waiting`));

  test('of a job that stops already joins it; with other words it is refused', async () => {
    await initctl(['start', 'stubborn']);
    await vi.waitFor(async () => expect((await initctl(['log', 'stubborn'])).stdout).toBe('ready\n'), {
      timeout: 60_000,
    });
    await session(`
$ stop -n stubborn
stubborn stop/killed, process PID
$ stop stubborn A=1
! initctl: Job has already been stopped: stubborn
$ stop -n stubborn
stubborn stop/killed, process PID`);
    const joined = initctl(['stop', 'stubborn']);
    const pid = /process (\d+)/.exec((await initctl(['status', 'stubborn'])).stdout)?.[1];
    process.kill(-Number(pid), 'SIGKILL');
    expect(await joined).toEqual({ status: 0, stdout: 'stubborn stop/waiting\n', stderr: '' });
  });
});

test('what is wrong with the words of a command', () =>
  session(`
$ start plain notkeyvalue
! initctl: Env must be KEY=VALUE pairs
$ stop plain notkeyvalue
! initctl: Env must be KEY=VALUE pairs
$ status plain notkeyvalue
! initctl: Env must be KEY=VALUE pairs
$ emit event notkeyvalue
! initctl: Env must be KEY=VALUE pairs
$ emit ''
! initctl: Name may not be empty string
$ status ''
! initctl: Name may not be empty string
$ start inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ stop inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ restart inst
! initctl: Unknown parameter: X
$ status inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ reload plain
! initctl: Unknown instance: 
$ usage nosuch
! initctl: Unknown job: nosuch
$ show-config nosuch
! initctl: Unknown job: nosuch
$ check-config nosuch
! initctl: Invalid job class: nosuch
$ get-env NOSUCH
! initctl: No such variable: NOSUCH
$ unset-env NOSUCH
$ set-env A=one_two
$ get-env A
one two
$ set-env --retain A=three
$ get-env A
one two
$ unset-env A
$ get-env A
! initctl: No such variable: A
$ set-env A
$ get-env A

$ notify-cgroup-manager-address unix:abstract=/nobody
$ notify-disk-writeable`));

test.each(['system', 'session'])('--%s where there is no such bus', async (bus) => {
  const variable = `DBUS_${bus.toUpperCase()}_BUS_ADDRESS`;
  vi.stubEnv(variable, 'unix:path=/nonexistent/bus');
  try {
    expect(await run([`--${bus}`, 'version'], { env: {} })).toEqual({
      status: 1,
      stdout: '',
      stderr: `initctl: Unable to connect to ${bus} bus: Failed to connect to socket /nonexistent/bus: No such file or directory\n`,
    });
  } finally {
    vi.unstubAllEnvs();
  }
});
