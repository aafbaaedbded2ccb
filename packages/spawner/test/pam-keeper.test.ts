import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setSubreaper } from '../src/own-process.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { closeFd } from '../src/sockets.js';
import { gone, hasPam, lines, makeRecorder, makeScript, makeService, recorded, removeServices } from './helpers/pam.js';
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

const { ECANCELED, ETIME } = constants.errno;
const { SIGCONT, SIGKILL, SIGSTOP, SIGTERM } = constants.signals;

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
    { wanted: 'daemon', command: '(sleep 1000 & exec sleep 0) & exit 0' },
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
    const follow = { expect: wanted, settleMs: 50, lingerMs: 50 };
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
    tracking.close();
    setSubreaper(false);
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

describe.skipIf(!hasPam)('starts', () => {
  const ownFds = (): number => readdirSync('/proc/self/fd').length;

  test('leave no descriptor behind, however they end', async () => {
    const pamService = makeService();
    const denied = makeService('session required pam_deny.so');
    const log = { kind: 'log', path: run.path('log') } as const;
    const specs = [{ pamService }, { pamService: denied }, { pamService, cwd: '/nowhere' }, { user: 'nobody-at-all' }];
    const all = async (): Promise<void> => {
      for (const spec of specs) {
        const result = await run.spawner.start(shell('', { ...spec, console: log }));
        if (result.ok) await run.ended(result.pid);
      }
      await run.spawner.start(shell('', { pamService, console: log }), { signal: AbortSignal.abort() });
      await run.spawner.start(shell('', { pamService, console: log }), { timeoutMs: 0 });
    };
    await all();
    const before = ownFds();
    for (let count = 0; count < 5; count++) await all();
    // The last that was given up is still listened to.
    while (ownFds() > before) await setImmediate();
  });
});

describe.skipIf(!hasPam)('a PAM module that hangs', () => {
  /** The module's program never ends by itself; `pids` tells of it and of the keeper. */
  const makeHanging = (): string => {
    const script = makeScript(run, 'hang', `sleep 1000 &`, `echo $PPID $$ $! > ${run.path('pids')}`, 'wait');
    return makeService(`session required pam_exec.so ${script}`);
  };
  const pids = async (): Promise<number[]> =>
    (await lines(run.path('pids'), (found) => found.length === 1)).flatMap((line) => line.split(' ').map(Number));

  test('leaves the event loop free, and nothing behind when it is given up', async () => {
    const abort = new AbortController();
    const starting = run.spawner.start(sleeper(makeHanging()), { signal: abort.signal });
    const hanging = await pids();
    expect(await run.output(shell('echo meanwhile'))).toBe('meanwhile\n');
    abort.abort();
    expect(await starting).toMatchObject({ ok: false, error: { step: 'pam', errno: ECANCELED } });
    for (const pid of hanging) await gone(pid);
    expect(hanging).toHaveLength(3);
    expect(run.events).toHaveLength(1);
    expect(run.warnings).toEqual([]);
  });

  test('can be given up after a time', async () => {
    const starting = run.spawner.start(sleeper(makeHanging()), { timeoutMs: 300 });
    expect(await starting).toMatchObject({ ok: false, error: { step: 'pam', errno: ETIME } });
    for (const pid of await pids()) await gone(pid);
  });

  test('is given up when the spawner is closed', async () => {
    const other = new Run({ reapStrangers: false });
    const starting = other.spawner.start(sleeper(makeHanging()));
    const hanging = await pids();
    other.close();
    expect(await starting).toMatchObject({ ok: false, error: { step: 'pam', errno: ECANCELED } });
    for (const pid of hanging.slice(1)) await gone(pid);
  });
});

describe.skipIf(!hasPam)('with a session', () => {
  test('a start that was given up before it began runs nothing', async () => {
    const starting = run.spawner.start(sleeper(makeRecorder(run)), { signal: AbortSignal.abort() });
    expect(await starting).toMatchObject({ ok: false, error: { step: 'helper', errno: ECANCELED } });
    expect(() => run.read('record')).toThrow('ENOENT');
  });

  test('a process can stop before its program', async () => {
    const pid = await run.begin(shell('exit 3', { pamService: makeRecorder(run), pause: true }));
    expect(await run.until(() => run.events[0])).toEqual({ kind: 'stopped', pid, signal: SIGSTOP });
    run.spawner.kill(pid, SIGCONT);
    expect(await run.ended(pid)).toMatchObject({ code: 3 });
    expect(await recorded(run, 2)).toHaveLength(2);
  });

  test('a process that has stopped tells what hinders its program', async () => {
    const spec = { ...shell(''), argv: ['/no/such/program'], pamService: makeRecorder(run), pause: true };
    const pid = await run.begin(spec);
    await run.until(() => run.events[0]);
    run.spawner.kill(pid, SIGCONT);
    const failed = await run.until(() => run.events.find(({ kind }) => kind === 'exec-failed'));
    expect(failed).toMatchObject({ pid, error: { step: 'exec', argument: '/no/such/program' } });
    expect(await run.ended(pid)).toMatchObject({ code: 255 });
  });

  test('a process is traced by us', async () => {
    const pid = await run.begin(shell('', { pamService: makeRecorder(run), trace: true }));
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toContain(`TracerPid:\t${process.pid}\n`);
    run.spawner.kill(pid, SIGKILL);
    await run.ended(pid);
  });

  test('a process has its sockets, its script and its own pid', async () => {
    const sockets = [0, 1].map(() => openSync('/dev/zero', 'r'));
    const spec = {
      ...shell(''),
      argv: ['/bin/sh', '/proc/self/fd/9', 'argument'],
      script: 'echo $LISTEN_FDS $LISTEN_PID $$ $1; readlink /proc/$$/fd/4; exec ls -1 /proc/self/fd',
      listenFds: sockets.map((fd) => ({ fd })),
      pamService: makeRecorder(run),
      user: 'daemon',
      cwd: '/',
    };
    const output = await run.output(spec);
    for (const fd of sockets) closeFd(fd);
    const [pid] = run.events.map((event) => event.pid);
    // The last one is the directory that ls reads.
    expect(output).toBe(`2 ${pid} ${pid} argument\n/dev/zero\n0\n1\n2\n3\n4\n5\n`);
  });

  test('many processes end at once, and each is told once, after its start', async () => {
    const pamService = makeService();
    const started: number[] = [];
    const early: number[] = [];
    const many = new Run({
      reportStrangers: false,
      onChild: ({ pid }) => (started.includes(pid) ? undefined : early.push(pid)),
    });
    const start = async () => started.push(await many.begin(shell('', { pamService })));
    await Promise.all(Array.from({ length: 40 }, start));
    await Promise.all(started.map((pid) => many.ended(pid)));
    const told = many.events.map(({ pid }) => pid);
    many.close();
    expect(new Set(started).size).toBe(40);
    expect(told.sort()).toEqual([...started].sort());
    expect(early).toEqual([]);
  });
});
