import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import type { Ran } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));
const ALIASES = ['initctl', 'start', 'stop', 'restart', 'reload', 'status', 'emit'] as const;

/** Enough lines to fill a pipe. */
const MANY = 1200;
const manyJobs = Object.fromEntries(
  Array.from({ length: MANY }, (_, number) => [
    `job-with-a-rather-long-name-for-a-job-number-${number}`,
    'exec true\n',
  ]),
);

const daemon = liveDaemon({
  ...manyJobs,
  sleeper: 'exec sleep 300\n',
  inside: 'env OUT\ntask\nconsole none\nscript\n  initctl status >$OUT 2>&1\nend script\n',
  quits: 'instance $N\nenv PATH\nscript\n  stop\n  sleep 300\nend script\n',
});
let bin: string;

beforeAll(async () => {
  bin = join(daemon.folder, 'bin');
  mkdirSync(bin);
  for (const name of ALIASES) symlinkSync(INITCTL, join(bin, name));
}, 120_000);

/** Run a program of the package as a process of its own. */
const call = (name: string, ...args: readonly string[]): Ran => {
  const { status, stdout, stderr } = spawnSync(join(bin, name), args, { env: daemon.env, encoding: 'utf8' });
  return { status: status ?? -1, stdout, stderr };
};

describe('a link to the program is the command of its name', () => {
  test('start, status, restart, stop', () => {
    expect(call('start', 'sleeper').stdout).toMatch(/^sleeper start\/running, process \d+\n$/);
    expect(call('status', 'sleeper').stdout).toMatch(/^sleeper start\/running, process \d+\n$/);
    expect(call('restart', '-n', 'sleeper')).toMatchObject({ status: 0, stderr: '' });
    expect(call('stop', 'sleeper')).toEqual({ status: 0, stdout: 'sleeper stop/waiting\n', stderr: '' });
  });

  test('errors begin with its name', () => {
    expect(call('stop', 'sleeper')).toEqual({ status: 1, stdout: '', stderr: 'stop: Unknown instance: \n' });
    expect(call('reload')).toEqual({
      status: 1,
      stdout: '',
      stderr: "reload: missing job name\nTry `reload --help' for more information.\n",
    });
  });

  test('any command name will do', () => {
    expect(call('emit', 'nothing-wants-this')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('inside a job, without operands', () => {
  const path = (): string => `PATH=${bin}:${daemon.env.PATH}`;

  test('status shows the job itself', () => {
    const out = join(daemon.folder, 'inside.out');
    expect(call('start', 'inside', `OUT=${out}`, path())).toEqual({
      status: 0,
      stdout: 'inside stop/waiting\n',
      stderr: '',
    });
    expect(readFileSync(out, 'utf8')).toMatch(/^inside start\/(spawned|running), process \d+\n$/);
  });

  test('stop ends the job without waiting for itself', async () => {
    expect(call('start', 'quits', 'N=1', path()).status).toBe(0);
    await vi.waitFor(() => expect(call('status', 'quits', 'N=1').stderr).toBe('status: Unknown instance: 1\n'), {
      timeout: 60_000,
    });
  });
});

describe('pipes', () => {
  test('a list that is longer than a pipe holds arrives whole', () => {
    const { stdout } = spawnSync('sh', ['-c', '"$0" list | wc -l', join(bin, 'initctl')], {
      env: daemon.env,
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe(String(MANY + 3));
  });

  test('a reader that leaves ends the program quietly', () => {
    const script = '{ "$0" list; echo "status $?" >&2; } | head -n 1 >/dev/null';
    const { stderr } = spawnSync('sh', ['-c', script, join(bin, 'initctl')], { env: daemon.env, encoding: 'utf8' });
    expect(stderr).toMatch(/^status (0|141)\n$/);
  });
});

test('no daemon: one line, status 1', () => {
  const env = { ...daemon.env, UPSTART_SESSION: 'unix:abstract=/maverick/nobody-listens-here' };
  const { status, stdout, stderr } = spawnSync(join(bin, 'initctl'), ['list'], { env, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'initctl: Unable to connect to Upstart: Failed to connect to socket /maverick/nobody-listens-here: Connection refused\n',
  });
});

describe('the tools', () => {
  const tool = (name: string) => fileURLToPath(new URL(`../bin/${name}.js`, import.meta.url));

  test('upstart-monitor tells of an event', async () => {
    const monitor = spawn(process.execPath, [tool('upstart-monitor'), '-n', '-s', ' '], { env: daemon.env });
    let said = '';
    monitor.stdout.on('data', (text) => {
      said += text;
    });
    await vi.waitFor(() => expect(said).toContain('# Connected to Upstart session socket\n'), { timeout: 60_000 });
    expect(call('emit', 'seen', 'A=b=c').status).toBe(0);
    await vi.waitFor(() => expect(said).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} seen A='b=c'$/m), {
      timeout: 60_000,
    });
    const ended = once(monitor, 'exit');
    monitor.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
  });

  test('initctl2dot draws a job of the daemon', () => {
    const args = [tool('initctl2dot'), '-o', '-', '-r', 'sleeper'];
    const { stdout, status } = spawnSync(process.execPath, args, { env: daemon.env, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('label="<job> sleeper | { <start> start on | <stop> stop on }"');
    expect(stdout).toContain(
      `for session '${daemon.env.UPSTART_SESSION}' (subset, from 'initctl show-config -e' on host`,
    );
  });
});
