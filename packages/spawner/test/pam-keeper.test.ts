import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { setSubreaper } from '../src/own-process.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { closeFd } from '../src/sockets.js';
import { gone, hasPam, makeRecorder, makeScript, makeService, recorded, removeServices } from './helpers/pam.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  // Keepers of the test before may just be ending.
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  run.close();
  removeServices();
});

const { SIGKILL, SIGTERM } = constants.signals;

if (!hasPam) console.log('skipped: PAM sessions need root, and /etc/pam.d');

const keeperOf = (of: Run): number => Number(of.read('keeper'));
/** Empty where it has just been closed. */
const fdInfo = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** The processes that a keeper waits for: what its pidfds mean. */
const awaited = (keeper: number): readonly number[] =>
  readdirSync(`/proc/${keeper}/fdinfo`)
    .map((fd) => fdInfo(`/proc/${keeper}/fdinfo/${fd}`))
    .map((info) => Number(/^Pid:\s+(\d+)$/m.exec(info)?.[1]));

const sleeper = (pamService: string) => shell('exec sleep 1000', { pamService });

describe.skipIf(!hasPam)('the keeper of a session', () => {
  test('has no descriptor of ours, no directory but /, and a session of its own', async () => {
    const pamService = makeRecorder(run);
    const fd = openSync('/dev/zero', 'r');
    const spec = {
      ...sleeper(pamService),
      console: { kind: 'log', path: run.path('log') },
      inheritFds: [fd],
      script: 'not read',
      cwd: '/usr',
    } as const;
    const pid = await run.begin(spec);
    closeFd(fd);
    const keeper = keeperOf(run);
    const open = readdirSync(`/proc/${keeper}/fd`).map((name) => readlinkSync(`/proc/${keeper}/fd/${name}`));
    // Beside the standard ones what it waits for: the process, and to be told of another.
    const waits = ['anon_inode:[pidfd]', 'anon_inode:[signalfd]'];
    expect(open.sort()).toEqual(['/dev/null', '/dev/null', '/dev/null', ...waits]);
    expect(readlinkSync(`/proc/${keeper}/cwd`)).toBe('/');
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/usr');
    const [, parent, group, session] = readFileSync(`/proc/${keeper}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
    expect([parent, group, session]).toEqual([process.pid, keeper, keeper].map(String));
  });

  test('closes it when the whole process group is killed', async () => {
    const pid = await run.begin(sleeper(makeRecorder(run)));
    run.spawner.kill(pid, SIGKILL, { group: true });
    expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: SIGKILL });
    expect(await recorded(run, 2)).toEqual(['open_session root for root', 'close_session root for root']);
    await gone(keeperOf(run));
    expect(run.warnings).toEqual([]);
  });

  test('does not let itself be ended by SIGTERM', async () => {
    const pid = await run.begin(sleeper(makeRecorder(run)));
    process.kill(keeperOf(run), SIGTERM);
    run.spawner.kill(pid, SIGKILL);
    expect(await recorded(run, 2)).toHaveLength(2);
  });

  /** A daemon of its own that starts a process. */
  const startDaemon = (spec: ProcessSpec) =>
    spawn(process.execPath, [fileURLToPath(new URL('fixtures/start.mjs', import.meta.url)), JSON.stringify(spec)]);
  const kill = async (daemon: ChildProcess): Promise<void> => {
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
  };
  /** Something to wait for, which ends when the test writes to it. */
  const makeFifo = async (): Promise<string> => {
    await run.ended(run.start(shell(`mkfifo ${run.path('fifo')}`)));
    return run.path('fifo');
  };

  test('closes it after the daemon was killed', async () => {
    const fifo = await makeFifo();
    const command = `read line < ${fifo}; echo job >> ${run.path('record')}`;
    const daemon = startDaemon(shell(command, { pamService: makeRecorder(run) }));
    await once(daemon.stdout, 'data');
    await kill(daemon);
    writeFileSync(fifo, 'go on\n');
    expect(await recorded(run, 3)).toEqual(['open_session root for root', 'job', 'close_session root for root']);
  });

  test('starts nothing when the daemon was killed before it is open', async () => {
    const fifo = await makeFifo();
    const script = makeScript(run, 'wait', `test "$PAM_TYPE" = open_session && read line < ${fifo}`, 'true');
    const pamService = makeRecorder(run, `session required pam_exec.so ${script}`);
    const daemon = startDaemon(shell(`echo job >> ${run.path('record')}`, { pamService }));
    expect(await recorded(run, 1)).toHaveLength(1);
    await kill(daemon);
    writeFileSync(fifo, 'go on\n');
    expect(await recorded(run, 2)).toEqual(['open_session root for root', 'close_session root for root']);
    await gone(keeperOf(run));
    expect(await recorded(run, 2)).toHaveLength(2);
  });

  test.each([
    { wanted: 'fork', command: 'sleep 1000 & exit 0' },
    { wanted: 'daemon', command: '(sleep 1000 & exit 0) & exit 0' },
  ] as const)('closes it when the process has ended that was left by `expect $wanted`', async ({ wanted, command }) => {
    let settle = (_pid: number): void => {};
    const settled = new Promise<number>((resolve) => {
      settle = resolve;
    });
    const tracking = new Run({
      reapStrangers: false,
      onTrack: (event) => (event.kind === 'settled' ? settle(event.pid) : undefined),
    });
    setSubreaper(true);
    onTestFinished(async () => {
      tracking.spawner.kill(await settled, SIGKILL);
      tracking.close();
      setSubreaper(false);
    });
    const follow = { expect: wanted, settleMs: 2000, lingerMs: 50 };
    const pid = await tracking.begin(shell(command, { pamService: makeRecorder(run), follow }));
    await tracking.ended(pid);
    const main = await settled;
    expect(main).not.toBe(pid);
    // Throws when the keeper has not waited for it.
    while (!awaited(keeperOf(run)).includes(main)) await setImmediate();
    appendFileSync(run.path('record'), 'after the first\n');
    tracking.spawner.kill(main, SIGKILL);
    expect(await recorded(run, 3)).toEqual([
      'open_session root for root',
      'after the first',
      'close_session root for root',
    ]);
    await gone(keeperOf(run));
  });

  test('that is killed leaves the process alone and the session open, which is told', async () => {
    const pamService = makeRecorder(run);
    const pid = await run.begin(sleeper(pamService));
    process.kill(keeperOf(run), SIGKILL);
    const warning = await run.until(() => run.warnings[0]);
    expect(warning).toMatchObject({ kind: 'session-lost', pid, service: pamService });
    run.spawner.kill(pid, SIGKILL);
    await run.ended(pid);
    expect(run.read('record')).toBe('open_session root for root\n');
  });

  test('that can not close it says so', async () => {
    const script = makeScript(run, 'refuse', 'test "$PAM_TYPE" = open_session');
    const pamService = makeService(`session required pam_exec.so quiet ${script}`);
    const pid = await run.begin(shell('', { pamService }));
    const warning = await run.until(() => run.warnings.find(({ kind }) => kind === 'session-lost'));
    const message = expect.stringMatching(/^unable to close PAM session of process \d+: PAM's status is \d+$/);
    expect(warning).toEqual({ kind: 'session-lost', pid, service: pamService, message });
  });
});
