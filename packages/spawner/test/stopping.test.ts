import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processStartTime } from '../src/own-process.js';
import { Run, shell } from './helpers/run.js';

const { SIGCONT, SIGKILL, SIGSTOP, SIGTERM } = constants.signals;
const { ESRCH } = constants.errno;

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

/** A leader with a child of its group; gives the pids of both, when the child has started. */
const startGroup = async (leader: string): Promise<{ pid: number; child: number }> => {
  const pid = run.start(shell(`sleep 1000 & echo $! > ${run.path('child')}; kill -STOP $$; ${leader}`));
  await run.until(() => run.events.find((event) => event.pid === pid && event.kind === 'stopped'));
  return { pid, child: Number(run.read('child')) };
};

/** Whether a process is there, and no zombie. */
const isAlive = (pid: number): boolean => processStartTime(pid) !== undefined;

describe('a signal to the group', () => {
  test('reaches all of it, also those that are stopped', async () => {
    const { pid } = await startGroup('wait');
    expect(run.spawner.kill(pid, SIGTERM, { group: true })).toEqual({ ok: true });
    expect(await run.ended(pid)).toEqual({ kind: 'signalled', pid, signal: SIGTERM, core: false });
  });

  test('reaches what is left of it after its leader has ended', async () => {
    const { pid, child } = await startGroup('exit 3');
    run.spawner.kill(pid, SIGCONT);
    expect(await run.ended(pid)).toMatchObject({ code: 3 });
    expect(isAlive(child)).toBe(true);
    expect(run.spawner.kill(pid, SIGKILL)).toEqual({ ok: false, errno: ESRCH });
    expect(run.spawner.kill(pid, SIGKILL, { group: true })).toEqual({ ok: true });
    // It was nobody's child here: it is gone when nothing of its group can be signalled.
    while (run.spawner.kill(pid, 0, { group: true }).ok) await new Promise((resolve) => setImmediate(resolve));
    expect(run.spawner.kill(pid, SIGTERM, { group: true })).toEqual({ ok: false, errno: ESRCH });
  });

  test('reaches nobody where there is no such group any more', async () => {
    const pid = run.start(shell('exit'));
    await run.ended(pid);
    expect(run.spawner.kill(pid, SIGTERM, { group: true })).toEqual({ ok: false, errno: ESRCH });
  });
});

describe('a stopped process', () => {
  const startStopped = async (command: string): Promise<number> => {
    const pid = run.start(shell(command));
    await run.until(() => run.events.find((event) => event.pid === pid && event.kind === 'stopped'));
    return pid;
  };

  test('acts on a signal to its group, for it is woken', async () => {
    const pid = await startStopped("trap 'exit 12' TERM; kill -STOP $$; while :; do sleep 1000; done");
    run.spawner.kill(pid, SIGTERM, { group: true });
    expect(await run.ended(pid)).toMatchObject({ code: 12 });
  });

  test('is not woken if that is not wanted', async () => {
    const pid = await startStopped('kill -STOP $$; exit 1');
    run.spawner.kill(pid, SIGTERM);
    run.spawner.kill(pid, SIGSTOP, { group: true });
    run.spawner.kill(pid, SIGTERM, { group: true, wake: false });
    expect(run.events.filter((event) => event.pid === pid).map(({ kind }) => kind)).toEqual(['stopped']);
    run.spawner.kill(pid, SIGKILL, { group: true });
    expect(await run.ended(pid)).toMatchObject({ signal: SIGKILL });
  });

  test('is killed as it is', async () => {
    const pid = await startStopped('kill -STOP $$; exit 1');
    run.spawner.kill(pid, SIGKILL, { group: true });
    expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: SIGKILL });
  });
});
