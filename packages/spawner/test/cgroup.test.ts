import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cgroupProcesses, createCgroup, isPopulated, killCgroup, removeCgroup } from '../src/cgroup.js';
import { type CgroupWatch, watchCgroup } from '../src/cgroup-watch.js';
import { makeCgroup } from './helpers/cgroup.js';
import { Run, shell } from './helpers/run.js';

const { SIGCONT, SIGTERM } = constants.signals;

const top = makeCgroup();

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});
afterAll(() => {
  if (top !== undefined) removeCgroup(top);
});

describe.skipIf(top === undefined)('a cgroup', () => {
  let path: string;
  let watch: CgroupWatch;
  const changes: boolean[] = [];
  let onChange = (): void => {};

  beforeEach(() => {
    path = join(top ?? '', 'jobs', 'web');
    createCgroup(path);
    changes.length = 0;
    watch = watchCgroup(path, (populated) => {
      changes.push(populated);
      onChange();
    });
  });
  afterEach(async () => {
    killCgroup(path);
    await emptied();
    watch.close();
    removeCgroup(path);
  });

  const emptied = async (): Promise<void> => {
    while (isPopulated(path) || watch.populated) await new Promise<void>((resolve) => (onChange = resolve));
  };

  /** A process in the cgroup that has started others there, and has told so. */
  const startFamily = async (): Promise<number> => {
    const log = { kind: 'log', path: run.path('family.log') } as const;
    const command = `mkdir ${path}/below
      sleep 1000 & first=$!
      setsid sleep 1001 & second=$!
      sh -c 'echo $$ > ${path}/below/cgroup.procs && exec sleep 1002' &
      until [ "$(cat $(sed 's|.*|/proc/&/comm|' ${path}/below/cgroup.procs))" = sleep ]; do :; done
      until grep -qx sleep /proc/$first/comm && grep -qx sleep /proc/$second/comm; do :; done
      kill -STOP $$
      exec sleep 1003`;
    const pid = run.start(shell(command, { cgroup: path, console: log }));
    await run.until(() => run.events.find((event) => event.pid === pid && event.kind === 'stopped'));
    run.spawner.kill(pid, SIGCONT);
    return pid;
  };

  test('is entered before the program begins, whoever it runs as', async () => {
    const command = 'grep ^0:: /proc/self/cgroup; id -u';
    const identity = process.getuid?.() === 0 ? { user: 'daemon', cwd: '/' } : {};
    const output = await run.output(shell(command, { cgroup: path, ...identity }));
    expect(output).toMatch(/^0::\S*\/jobs\/web\n(1|\d+)\n$/);
    await emptied();
  });

  test('is entered by a process that stops before its program, too', async () => {
    const pid = run.start(shell('exit', { cgroup: path, pause: true }));
    await run.until(() => run.events.find(({ kind }) => kind === 'stopped'));
    expect(cgroupProcesses(path)).toEqual([expect.objectContaining({ pid })]);
  });

  test('knows what is left of a job by pid and name, also in cgroups below it', async () => {
    const pid = await startFamily();
    run.spawner.kill(pid, 9);
    await run.ended(pid);
    const left = cgroupProcesses(path);
    expect(left.map(({ name }) => name)).toEqual(['sleep', 'sleep', 'sleep']);
    expect(left.map((row) => row.pid)).not.toContain(pid);
  });

  test.each([
    { way: 'at once', signal: undefined },
    { way: 'by a signal to each', signal: SIGTERM },
  ])('is emptied $way, and tells so', async ({ signal }) => {
    const pid = await startFamily();
    expect(watch.populated || isPopulated(path)).toBe(true);
    killCgroup(path, signal);
    await run.ended(pid);
    await emptied();
    expect(cgroupProcesses(path)).toEqual([]);
    expect(watch.populated).toBe(false);
    expect(changes.at(-1)).toBe(false);
    removeCgroup(path);
    expect(existsSync(path)).toBe(false);
  });

  test('with a process that forks all the time is emptied', async () => {
    const command = 'f() { while :; do sleep 1000 & done; }; f & f & kill -STOP $$; wait';
    const limits = [{ resource: 'nproc', soft: 4000, hard: 4000 }];
    const pid = run.start(shell(command, { cgroup: path, limits }));
    await run.until(() => run.events.find((event) => event.pid === pid && event.kind === 'stopped'));
    killCgroup(path);
    await emptied();
    expect(cgroupProcesses(path)).toEqual([]);
  });

  test('that is in use is not removed', async () => {
    const pid = run.start(shell('exec sleep 1000', { cgroup: path }));
    expect(() => removeCgroup(path)).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    run.spawner.kill(pid, 9);
    await run.ended(pid);
    await emptied();
  });
});

describe('a cgroup that is gone', () => {
  const gone = '/sys/fs/cgroup/no-such-group';

  test('has no processes, and can be emptied and removed', () => {
    expect(cgroupProcesses(gone)).toEqual([]);
    expect(isPopulated(gone)).toBe(false);
    killCgroup(gone);
    removeCgroup(gone);
    expect(() => watchCgroup(gone, () => {})).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  test('can not be entered', () => {
    expect(run.spawner.spawn(shell('exit', { cgroup: gone }))).toEqual({
      ok: false,
      error: {
        step: 'cgroup',
        argument: gone,
        errno: constants.errno.ENOENT,
        message: 'unable to enter cgroup: No such file or directory',
      },
    });
    // The steps before it fail before it.
    expect(run.spawner.spawn(shell('exit', { cgroup: gone, cwd: '/nowhere' }))).toMatchObject({
      error: { step: 'chdir' },
    });
  });
});

describe('on a kernel before 5.14, without cgroup.kill', () => {
  /** The files of a cgroup that lists some processes. */
  const fake = (pids: readonly number[]): string => {
    const folder = mkdtempSync(join(tmpdir(), 'maverick-cgroup-'));
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'cgroup.procs'), '');
    writeFileSync(join(folder, 'below', 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
    return folder;
  };

  test('every process is killed by itself, but not this one', async () => {
    const pids = [1, 2, 3].map(() => run.start(shell('exec sleep 1000')));
    const folder = fake([...pids, process.pid]);
    killCgroup(folder);
    for (const pid of pids) expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: 9 });
    expect(existsSync(join(folder, 'cgroup.kill'))).toBe(false);
    expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8')).toBe('');
    rmSync(folder, { recursive: true });
  });
});

test('a folder that is no cgroup is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-cgroup-'));
  expect(() => createCgroup(join(folder, 'x'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  rmSync(folder, { recursive: true });
});
