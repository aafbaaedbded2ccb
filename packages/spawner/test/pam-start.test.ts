import { openSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const { SIGCONT, SIGKILL, SIGSTOP } = constants.signals;

if (!hasPam) console.log('skipped: PAM sessions need root, and /etc/pam.d');

const sleeper = (pamService: string) => shell('exec sleep 1000', { pamService });

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
    const starting = run.spawner.start(sleeper(makeHanging()), { timeoutMs: 50 });
    expect(await starting).toMatchObject({ ok: false, error: { step: 'pam', errno: ETIME } });
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
    const spec = shell('exec sleep 1000', { pamService: makeRecorder(run), trace: true });
    const tracers: string[] = [];
    // Nobody follows it, so it is let go when its stop is told: that may come before we have looked.
    while (tracers.length < 20 && !tracers.includes(`${process.pid}`)) {
      const pid = await run.begin(spec);
      tracers.push(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '');
      run.spawner.kill(pid, SIGKILL);
      await run.ended(pid);
    }
    expect(tracers).toContain(`${process.pid}`);
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
