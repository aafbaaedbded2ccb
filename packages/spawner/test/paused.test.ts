import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProcessSpec } from '../src/process-spec.js';
import { isRoot, Run, shell } from './helpers/run.js';

const { SIGCONT, SIGSTOP, SIGTERM } = constants.signals;

const hasDebugger = spawnSync('gdb', ['--version']).status === 0;
if (!hasDebugger) console.log('skipped: there is no gdb to attach');

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

const paused = (command: string, more: Partial<ProcessSpec> = {}): ProcessSpec =>
  shell(command, { ...more, pause: true });

const stopped = (pid: number) => run.until(() => run.events.find((e) => e.kind === 'stopped' && e.pid === pid));

/** The kinds of what was told of a process, in order; that it goes on may be told at any time after it does, or never. */
const story = (pid: number): string =>
  run.events
    .filter((event) => event.pid === pid && event.kind !== 'continued')
    .map(({ kind }) => kind)
    .join(' ');

describe('a process for a debugger', () => {
  test('stops by itself, and its program begins after SIGCONT', async () => {
    const log = { kind: 'log', path: run.path('a.log') } as const;
    const pid = run.start(paused('echo ran; exit 4', { console: log }));
    expect(await stopped(pid)).toEqual({ kind: 'stopped', pid, signal: SIGSTOP });
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tT/m);
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(readlinkSync('/proc/self/exe'));
    run.spawner.kill(pid, SIGCONT);
    expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: 4 });
    expect(run.read('a.log')).toBe('ran\n');
    expect(story(pid)).toBe('stopped executed exited');
  });

  test('has everything set up by then', async () => {
    const identity = isRoot ? { user: 'daemon' } : {};
    const limits = [{ resource: 'nofile', soft: 40, hard: 50 }];
    const pid = run.start(paused('exit', { cwd: '/usr', umask: 0o027, nice: 3, limits, ...identity }));
    await stopped(pid);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Umask:\t0027$/m);
    expect(status.match(/^Sig(Blk|Ign|Cgt):\t0+$/gm)).toHaveLength(3);
    if (isRoot) expect(status).toMatch(/^Uid:\t1\t1\t1\t1$/m);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/usr');
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max open files +40 +50 /m);
    const [, , group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    expect([group, session]).toEqual([String(pid), String(pid)]);
  });

  test('holds nobody up: others run meanwhile', async () => {
    const waiting = [1, 2, 3].map(() => run.start(paused('exit 7')));
    const other = run.start(shell('exit 8'));
    expect(await run.ended(other)).toMatchObject({ code: 8 });
    for (const pid of waiting) await stopped(pid);
    for (const pid of waiting) run.spawner.kill(pid, SIGCONT);
    for (const pid of waiting) expect(await run.ended(pid)).toMatchObject({ code: 7 });
  });

  test('that fails before it stops is an ordinary failure', () => {
    const fds = readdirSync('/proc/self/fd').length;
    expect(run.spawner.spawn(paused('exit', { cwd: '/nowhere' }))).toMatchObject({
      ok: false,
      error: { step: 'chdir', message: 'unable to change working directory: No such file or directory' },
    });
    expect(readdirSync('/proc/self/fd')).toHaveLength(fds);
  });

  test.each([{ trace: false }, { trace: true }])(
    'whose program can not be executed tells so, and then its end (trace: $trace)',
    async ({ trace }) => {
      const fds = readdirSync('/proc/self/fd').length;
      const pid = run.start({ ...paused(''), argv: ['/nowhere/program'], trace });
      await stopped(pid);
      run.spawner.kill(pid, SIGCONT);
      expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: 255 });
      // One that ends at once may not have been seen to go on.
      expect(story(pid)).toBe('stopped exec-failed exited');
      expect(run.events.find(({ kind }) => kind === 'exec-failed')).toEqual({
        kind: 'exec-failed',
        pid,
        error: {
          step: 'exec',
          argument: '/nowhere/program',
          errno: constants.errno.ENOENT,
          message: 'unable to execute: No such file or directory',
        },
      });
      expect(readdirSync('/proc/self/fd')).toHaveLength(fds);
    },
  );

  test('that is killed before it goes on has just ended', async () => {
    const fds = readdirSync('/proc/self/fd').length;
    const pid = run.start(paused('exit'));
    await stopped(pid);
    run.spawner.kill(pid, SIGTERM, { group: true });
    expect(await run.ended(pid)).toMatchObject({ kind: 'signalled', signal: SIGTERM });
    expect(story(pid)).not.toContain('exec-failed');
    expect(readdirSync('/proc/self/fd')).toHaveLength(fds);
  });

  test.skipIf(!hasDebugger || !isRoot)('can be attached to, and goes on after that', async () => {
    const pid = run.start(paused('exit 9'));
    await stopped(pid);
    const commands = [`attach ${pid}`, 'info inferiors', 'detach'].flatMap((command) => ['-ex', command]);
    // Not on a terminal, which a debugger would want for itself.
    const argv = ['/bin/sh', '-c', 'exec gdb -nx -batch "$@" >"$0" 2>&1', run.path('gdb'), ...commands];
    await run.ended(run.start({ ...shell(''), argv }));
    expect(run.read('gdb')).toMatch(new RegExp(`process ${pid} .*[^]*\\(process ${pid}\\) detached`));
    run.spawner.kill(pid, SIGCONT);
    expect(await run.ended(pid)).toMatchObject({ kind: 'exited', code: 9 });
  });
});
