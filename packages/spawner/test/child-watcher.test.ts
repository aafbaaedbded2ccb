import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setSubreaper } from '../src/own-process.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

describe('what becomes of a child', () => {
  test.each([
    { what: 'exits with 0', command: 'exit 0', event: { kind: 'exited', code: 0 } },
    { what: 'exits with 255', command: 'exit 255', event: { kind: 'exited', code: 255 } },
    { what: 'is killed', command: 'kill -9 $$', event: { kind: 'signalled', signal: 9, core: false } },
    { what: 'is terminated', command: 'kill -15 $$', event: { kind: 'signalled', signal: 15, core: false } },
  ])('$what', async ({ command, event }) => {
    const pid = run.start(shell(command));
    expect(await run.ended(pid)).toEqual({ pid, ...event });
    expect(run.events).toHaveLength(1);
  });

  test('is stopped, continued and ended, in that order', async () => {
    const pid = run.start(shell('kill -STOP $$; exec sleep 1000'));
    await run.until(() => run.events.length === 1);
    expect(run.spawner.kill(pid, 18)).toEqual({ ok: true });
    await run.until(() => run.events.length === 2);
    expect(run.spawner.kill(pid, 15)).toEqual({ ok: true });
    await run.ended(pid);
    expect(run.events).toEqual([
      { kind: 'stopped', pid, signal: 19 },
      { kind: 'continued', pid },
      { kind: 'signalled', pid, signal: 15, core: false },
    ]);
  });

  test('is told only after spawn has returned', async () => {
    const started = new Set<number>();
    const early: number[] = [];
    const other = new Run({
      onChild: ({ pid }) => {
        if (!started.has(pid)) early.push(pid);
        // Starting from within a report must not report either.
        if (started.size < 100) started.add(other.start(shell('exit')));
      },
    });
    // Two at once would each reap the other's children.
    run.spawner.close();
    started.add(other.start(shell('exit')));
    await other.until(() => other.events.length === 100);
    other.close();
    expect(early).toEqual([]);
  });

  test('of 500 that end at once none is lost and none is told twice', async () => {
    const pids = Array.from({ length: 500 }, () => run.start(shell('kill -STOP $$; exit 7')));
    await run.until(() => run.events.length === 500);
    run.events.length = 0;
    for (const pid of pids) run.spawner.kill(pid, 18);
    await run.until(() => run.events.filter(({ kind }) => kind === 'exited').length === 500);
    const exits = run.events.filter(({ kind }) => kind === 'exited').map(({ pid }) => pid);
    expect(exits.sort()).toEqual(pids.sort());
  });

  test('one listener that throws loses no other news', async () => {
    const errors: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => errors.push(error));
    const throwing = new Run({
      onChild: () => {
        throw new Error('a listener failed');
      },
    });
    run.spawner.close();
    for (let i = 0; i < 3; i++) throwing.start(shell('exit'));
    await throwing.until(() => throwing.events.length === 3);
    await new Promise((resolve) => setImmediate(resolve));
    throwing.close();
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(errors).toHaveLength(3);
  });
});

describe('killing', () => {
  /** A process that has a child in its group, and stands still. */
  const stoppedParent = async (): Promise<number> => {
    const parent = run.start(shell('sleep 1000 & kill -STOP $$; exec sleep 1000'));
    await run.until(() => run.events.some(({ kind, pid }) => kind === 'stopped' && pid === parent));
    return parent;
  };

  test('reaches the process alone', async () => {
    const parent = await stoppedParent();
    expect(run.spawner.kill(parent, 9)).toEqual({ ok: true });
    expect(await run.ended(parent)).toMatchObject({ signal: 9 });
    // Its child still holds the group.
    expect(process.kill(-parent, 'SIGKILL')).toBe(true);
  });

  test('reaches the whole group, and wakes it', async () => {
    setSubreaper(true);
    const parent = await stoppedParent();
    expect(run.spawner.kill(parent, 15, { group: true })).toEqual({ ok: true });
    await run.until(() => run.events.filter(({ kind }) => kind === 'signalled').length === 2);
    expect(() => process.kill(-parent, 0)).toThrow('ESRCH');
    setSubreaper(false);
  });

  test('a stopped process acts on the signal only when it is woken', async () => {
    const pid = run.start(shell('kill -STOP $$; exit 1'));
    await run.until(() => run.events.length === 1);
    run.spawner.kill(pid, 15, { wake: false });
    run.spawner.kill(pid, 0, { wake: true });
    expect(run.events).toHaveLength(1);
    run.spawner.kill(pid, 15, { wake: true });
    expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: 15 });
  });

  test.each([
    { what: 'an ended process', pid: () => ended(), errno: 3 },
    { what: 'pid 0, which would be our own group', pid: () => 0, errno: 3 },
    { what: 'pid -1, which would be everybody', pid: () => -1, errno: 3 },
  ])('$what is an error', async ({ pid, errno }) => {
    expect(run.spawner.kill(await pid(), 15, { group: true })).toEqual({ ok: false, errno });
  });

  const ended = async (): Promise<number> => {
    const pid = run.start(shell('exit'));
    await run.ended(pid);
    return pid;
  };
});

describe('strangers', () => {
  test('adopted by a subreaper are reaped and told', async () => {
    setSubreaper(true);
    const path = run.path('pid');
    run.start(shell(`sh -c 'echo $$ > ${path}; kill -STOP $$; exit 9' & while [ ! -s ${path} ]; do :; done`));
    await run.until(() => run.events.some(({ kind }) => kind === 'exited'));
    const orphan = Number(run.read('pid'));
    await run.until(() => run.events.some(({ kind, pid }) => kind === 'stopped' && pid === orphan));
    run.spawner.kill(orphan, 18);
    expect(await run.ended(orphan)).toMatchObject({ kind: 'exited', code: 9 });
    setSubreaper(false);
  });

  test('are left alone if asked, so that child_process works beside', async () => {
    run.spawner.close();
    const modest = new Run({ reapStrangers: false });
    const theirs = Array.from({ length: 20 }, (_, i) =>
      promisify(execFile)('/bin/sh', ['-c', `echo ${i}`]).then(({ stdout }) => stdout.trim()),
    );
    const ours = Array.from({ length: 20 }, () => modest.start(shell('exit 3')));
    expect(await Promise.all(theirs)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    await Promise.all(ours.map((pid) => modest.ended(pid)));
    expect(modest.events).toHaveLength(20);
    modest.close();
  });
});

const AS_PID_1 = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
const canBePid1 = spawnSync('unshare', [...AS_PID_1.slice(1), 'true']).status === 0;
if (!canBePid1) console.log('skipped: only root with CAP_SYS_ADMIN can make a PID namespace');

test.skipIf(!canBePid1)('as PID 1 every one of 1000 orphans is reaped', () => {
  expect(runFixture('init.mjs', [], AS_PID_1)).toMatchObject({ stdout: '1 1001 1\n', stderr: '', status: 0 });
});
