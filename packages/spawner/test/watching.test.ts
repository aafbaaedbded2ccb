import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { native } from '../src/native.js';
import { processStartTime, setSubreaper } from '../src/own-process.js';
import { readProcess } from '../src/process-table.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

const { SIGCONT, SIGKILL, SIGTERM } = constants.signals;
const { ESRCH } = constants.errno;

let run: Run;
const kept: number[] = [];
beforeEach(() => {
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  for (const pid of kept.splice(0)) {
    if (readProcess(pid) !== undefined) process.kill(pid, SIGKILL);
  }
  run.close();
});

const startTime = (pid: number): number => processStartTime(pid) ?? Number.NaN;

/** A process whose parent is not this one: the shell that started it has ended. */
const orphan = async (command: string): Promise<number> => {
  const path = run.path('orphan');
  const pid = run.start(shell(`setsid sh -c '${command}' & echo $! > ${path}`));
  await run.ended(pid);
  const found = Number(run.read('orphan'));
  kept.push(found);
  return found;
};

/** A child that its parent, which lives on, does not wait for; it runs until the file `go` is there. */
const unwaited = async (command: string): Promise<number> => {
  const path = run.path('unwaited');
  const child = `while [ ! -e ${run.path('go')} ]; do sleep 0.01; done; ${command}`;
  run.start(shell(`(${child}) & echo $! > ${path}; kill -STOP $$; exec sleep 1000`));
  const parent = await run.until(() => run.events.find(({ kind }) => kind === 'stopped'));
  run.spawner.kill(parent.pid, SIGCONT);
  while (readFileSync(`/proc/${parent.pid}/comm`, 'latin1') !== 'sleep\n')
    await new Promise((resolve) => setImmediate(resolve));
  return Number(run.read('unwaited'));
};

describe('a process of somebody else', () => {
  test('is adopted, and its end by a signal is told', async () => {
    const pid = await orphan('exec sleep 1000');
    expect(run.spawner.adopt(pid, startTime(pid))).toEqual({ ok: true });
    expect(run.spawner.kill(pid, SIGTERM)).toEqual({ ok: true });
    expect(await run.ended(pid)).toEqual({ kind: 'signalled', pid, signal: SIGTERM, core: false });
  });

  test('is adopted, and its exit status is told', async () => {
    const pid = await orphan(`while [ ! -e ${run.path('go')} ]; do sleep 0.01; done; exit 23`);
    expect(run.spawner.adopt(pid, startTime(pid))).toEqual({ ok: true });
    writeFileSync(run.path('go'), '');
    expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: 23 });
  });

  test('that has ended, and is not waited for by its parent, is told with its status', async () => {
    const pid = await unwaited('exit 6');
    expect(run.spawner.adopt(pid, startTime(pid))).toEqual({ ok: true });
    writeFileSync(run.path('go'), '');
    expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: 6 });
  });

  test('is told once, though it is adopted twice', async () => {
    const pid = await orphan('exec sleep 1000');
    const start = startTime(pid);
    expect([run.spawner.adopt(pid, start), run.spawner.adopt(pid, start)]).toEqual([{ ok: true }, { ok: true }]);
    run.spawner.kill(pid, SIGKILL);
    await run.ended(pid);
    expect(run.events.filter((event) => event.pid === pid)).toHaveLength(1);
  });

  test('is refused when another has got its number: the start time differs', async () => {
    const pid = await orphan('exec sleep 1000');
    expect(run.spawner.adopt(pid, startTime(pid) - 1)).toEqual({ ok: false, errno: ESRCH });
  });

  test('is refused when it is gone', async () => {
    const pid = run.start(shell('exit'));
    const start = startTime(pid);
    await run.ended(pid);
    expect(run.spawner.adopt(pid, start)).toEqual({ ok: false, errno: ESRCH });
  });

  test('becomes a child of ours when its parent ends, and is told once', async () => {
    setSubreaper(true);
    const pid = await orphan('exec sleep 1000');
    expect(run.spawner.adopt(pid, startTime(pid))).toEqual({ ok: true });
    run.spawner.kill(pid, SIGKILL);
    expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: SIGKILL });
    setSubreaper(false);
    expect(readProcess(pid)).toBeUndefined();
  });
});

describe('a child of ours that somebody else has waited for', () => {
  test('is told all the same', async () => {
    const pid = run.start(shell('exit 5'));
    while (native.waitChild(pid) === 0);
    const event = await run.ended(pid);
    // Linux 6.15 and newer can tell the status afterwards.
    expect([
      { kind: 'exited', pid, code: 5 },
      { kind: 'vanished', pid },
    ]).toContainEqual(event);
    expect(run.events).toHaveLength(1);
  });
});

describe('strangers', () => {
  test('are reaped and not told, if asked', async () => {
    setSubreaper(true);
    run.spawner.close();
    const quiet = new Run({ reportStrangers: false });
    const path = quiet.path('stranger');
    const pid = quiet.start(shell(`(exit 3) & echo $! > ${path}; kill -STOP $$; exit 0`));
    await quiet.until(() => quiet.events.length === 1);
    const stranger = Number(quiet.read('stranger'));
    quiet.spawner.kill(pid, SIGCONT);
    await quiet.ended(pid);
    // A child that is started after it and ends is told after the stranger would have been.
    while (readProcess(stranger) !== undefined) await quiet.ended(quiet.start(shell('exit')));
    expect(quiet.events.some((event) => event.pid === stranger)).toBe(false);
    quiet.close();
    setSubreaper(false);
  });
});

describe('a process that is paused before its program', () => {
  test('is told to run it before it is told to end', async () => {
    const pid = run.start(shell('exit 3', { pause: true }));
    await run.until(() => run.events.some(({ kind }) => kind === 'stopped'));
    run.spawner.kill(pid, SIGCONT);
    await run.ended(pid);
    expect(run.events.map(({ kind }) => kind).filter((kind) => kind !== 'continued')).toEqual([
      'stopped',
      'executed',
      'exited',
    ]);
  });

  test('and is killed is not told to run it', async () => {
    const pid = run.start(shell('exit 3', { pause: true }));
    await run.until(() => run.events.some(({ kind }) => kind === 'stopped'));
    run.spawner.kill(pid, SIGKILL);
    await run.ended(pid);
    expect(run.events.map(({ kind }) => kind)).toEqual(['stopped', 'signalled']);
  });
});

const AS_PID_1 = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
const canBePid1 = spawnSync('unshare', [...AS_PID_1.slice(1), 'true']).status === 0;
if (!canBePid1) console.log('skipped: only root with CAP_SYS_ADMIN can make a PID namespace');

describe.skipIf(!canBePid1)('as PID 1', () => {
  test.each([
    { what: '500 processes that end at once', mode: 'at-once', stdout: '500 0 0 true\n' },
    { what: 'a storm of signals, and 50 orphans', mode: 'storm', stdout: '100 0 0 true\n' },
  ])('$what: none is lost, none is told twice, and no zombie is left', ({ mode, stdout }) => {
    expect(runFixture('pid1.mjs', [mode], AS_PID_1)).toEqual(
      expect.objectContaining({ stdout, stderr: '', status: 0 }),
    );
  });
});
