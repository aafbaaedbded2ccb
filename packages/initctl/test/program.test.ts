import type { InstanceStatus } from '@maverick/dbus/client';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Command } from '../src/command.js';
import { COMMANDS } from '../src/command-table.js';
import { programName } from '../src/program.js';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const HINT = "Try `initctl --help' for more information.\n";
const running: InstanceStatus = {
  name: '',
  goal: 'start',
  state: 'running',
  processes: [{ role: 'main', pid: 4711 }],
};

test('a command that is not of the original passes over no word', () => {
  const loose = Object.entries<Command>(COMMANDS)
    .filter(([, { group, usage = '', mostOperands }]) => {
      const isOurs = group === 'More' || group === 'File';
      return isOurs ? mostOperands === undefined && !usage.includes('...') : mostOperands !== undefined;
    })
    .map(([name]) => name);
  expect(loose).toEqual([]);
});

describe('the name of the program', () => {
  test.each([
    { path: '/sbin/initctl', name: 'initctl' },
    { path: '/usr/lib/node_modules/x/bin/initctl.js', name: 'initctl' },
    { path: 'start', name: 'start' },
    { path: '-status', name: 'status' },
  ])('$path: $name', ({ path, name }) => {
    expect(programName(path)).toBe(name);
  });

  test.each(['start', 'stop', 'restart', 'status', 'reload', 'emit', 'log-priority'])(
    'called %s, it is that command',
    async (program) => {
      const { stdout } = await run(['--help'], { program });
      expect(stdout).toMatch(new RegExp(`^Usage: ${program} \\[OPTION\\]\\.\\.\\.`));
    },
  );

  test('stands before errors and in the hint', async () => {
    expect(await run(['foo', '-x'], { program: '/sbin/start' })).toEqual({
      status: 1,
      stdout: '',
      stderr: "start: invalid option: -x\nTry `start --help' for more information.\n",
    });
  });
});

describe('an error in the command line is told with a hint, status 1', () => {
  test.each([
    { line: [], text: 'missing command' },
    { line: ['--user'], text: 'missing command' },
    { line: ['--user', ''], text: 'missing command' },
    { line: ['--user', 'bogus-command'], text: 'invalid command: bogus-command' },
    { line: ['toString'], text: 'invalid command: toString' },
    { line: ['--bogus', 'list'], text: 'invalid option: --bogus' },
    { line: ['--json', 'emit', 'x'], text: 'invalid option: --json' },
    { line: ['list', '-n'], text: 'invalid option: -n' },
    { line: ['-n', 'start', 'foo'], text: 'invalid option: -n' },
    { line: ['start', '--dest'], text: 'missing argument: --dest' },
    { line: ['start'], text: 'missing job name' },
    { line: ['stop'], text: 'missing job name' },
    { line: ['restart'], text: 'missing job name' },
    { line: ['reload'], text: 'missing job name' },
    { line: ['status'], text: 'missing job name' },
    { line: ['usage'], text: 'missing job name' },
    { line: ['emit', '-n'], text: 'missing event name' },
    { line: ['get-env'], text: 'missing variable name' },
    { line: ['unset-env'], text: 'missing variable name' },
    { line: ['set-env'], text: 'missing variable value' },
    { line: ['set-env', '-j', 'foo', 'Q=1'], text: 'invalid option: -j' },
    { line: ['notify-dbus-address'], text: 'missing D-Bus address' },
    { line: ['notify-cgroup-manager-address'], text: 'missing address' },
    { line: ['check-config', '-e'], text: 'invalid option: -e' },
    { line: ['check-config', '-i'], text: 'missing argument: -i' },
    { line: ['journal', 'net'], text: 'unexpected argument: net' },
    { line: ['timeline', '--whole', 'net'], text: 'unexpected argument: net' },
    { line: ['history', 'a', 'b', 'c'], text: 'unexpected argument: c' },
    { line: ['graph', 'a', 'b'], text: 'unexpected argument: b' },
    { line: ['confirm', 'off', 'a'], text: 'unexpected argument: a' },
    { line: ['confirm', 'yes', 'a', 'b', 'c'], text: 'unexpected argument: c' },
    { line: ['timeline', '--html', '--svg'], text: '--html given with --svg' },
    { line: ['timeline', '--svg', '--json'], text: '--svg given with --json' },
    { line: ['graph', '--json', '--format=dot'], text: '--json given with --format=dot' },
    { line: ['version', '--dest=a.b'], text: '--dest given without --system' },
  ])('$line: $text', async ({ line, text }) => {
    expect(await run(line)).toEqual({ status: 1, stdout: '', stderr: `initctl: ${text}\n${HINT}` });
  });

  test('UPSTART_JOB without UPSTART_INSTANCE names no job', async () => {
    const { stderr } = await run(['status'], { env: { UPSTART_JOB: 'foo' } });
    expect(stderr).toBe(`initctl: missing job name\n${HINT}`);
  });
});

describe('which daemon', () => {
  test('--user needs UPSTART_SESSION', async () => {
    expect(await run(['--user', 'version'])).toEqual({
      status: 1,
      stdout: '',
      stderr: "initctl: UPSTART_SESSION isn't set in the environment. Unable to locate the Upstart instance.\n",
    });
  });

  test.each([
    { line: ['version'], uid: 1000 },
    { line: ['--system', 'version'], uid: 0 },
    { line: ['version', '--system'], uid: 0 },
  ])('$line as uid $uid goes to the system bus', async ({ line, uid }) => {
    vi.stubEnv('DBUS_SYSTEM_BUS_ADDRESS', 'unix:path=/nonexistent/bus');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await run(line, { uid })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^initctl: Unable to connect to system bus: .+\n$/),
    });
  });

  test('the connection is closed after success and after failure', async () => {
    for (const line of [['version'], ['status', 'nosuch']]) {
      const fake = fakeUpstart({});
      await run(line, { client: fake.client });
      expect(fake.closed).toBe(true);
    }
  });
});

test('show-config says when the daemon is too old to tell', async () => {
  const { client } = fakeUpstart({ web: { startOn: undefined, stopOn: undefined, emits: undefined } });
  for (const line of [['show-config'], ['show-config', 'web']]) {
    expect(await run(line, { client })).toEqual({
      status: 0,
      stdout: 'web\n',
      stderr: 'initctl: the init daemon is too old to tell what jobs emit, start on and stop on\n',
    });
  }
});

describe('a job acts on itself', () => {
  const env = { UPSTART_JOB: 'foo', UPSTART_INSTANCE: 'a' };
  const jobs = { foo: { instances: { a: { ...running, name: 'a' } } } };

  test.each(['start', 'stop', 'restart'])('%s without a job never waits', async (command) => {
    const fake = fakeUpstart(jobs);
    expect(await run([command], { env, client: fake.client })).toEqual({
      status: 0,
      stdout: 'foo (a) start/running, process 4711\n',
      stderr: '',
    });
    expect(fake.calls).toEqual([`${command} instance foo/a without waiting`]);
  });

  test('status and reload mean the own instance', async () => {
    const fake = fakeUpstart(jobs);
    expect(await run(['status'], { env, client: fake.client })).toMatchObject({
      stdout: 'foo (a) start/running, process 4711\n',
    });
    expect(await run(['reload'], { env, client: fake.client })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(fake.calls).toEqual(['reload instance foo/a']);
  });

  test('an empty instance name is one', async () => {
    const { client } = fakeUpstart({ foo: { instances: { '': running } } });
    expect(await run(['status'], { env: { UPSTART_JOB: 'foo', UPSTART_INSTANCE: '' }, client })).toMatchObject({
      stdout: 'foo start/running, process 4711\n',
    });
  });

  test('a job on the command line counts more', async () => {
    const fake = fakeUpstart({ ...jobs, bar: { instances: { '': running } } });
    await run(['stop', 'bar', 'K=V'], { env, client: fake.client });
    expect(fake.calls).toEqual(['stop bar K=V']);
  });
});

describe('what vanishes between two calls', () => {
  test.each(['start', 'stop', 'restart', 'status'])('%s: the instance is at rest', async (command) => {
    const { client } = fakeUpstart({ foo: { instances: { '': 'gone' } } });
    expect(await run([command, 'foo'], { client })).toEqual({ status: 0, stdout: 'foo stop/waiting\n', stderr: '' });
  });
});

describe('reload with a daemon that lacks the method', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('sends SIGHUP to the main process', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const { client } = fakeUpstart({ foo: { instances: { '': running }, lacksReload: true } });
    expect(await run(['reload', 'foo'], { client })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(kill.mock.calls).toEqual([[4711, 'SIGHUP']]);
  });

  test('fails where there is no main process', async () => {
    const { client } = fakeUpstart({ foo: { instances: { '': { ...running, processes: [] } }, lacksReload: true } });
    expect(await run(['reload', 'foo'], { client })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'initctl: Not running\n',
    });
  });
});

describe('what is passed on', () => {
  test.each([
    { line: ['start', 'foo', 'A=1', 'B='], calls: ['start foo A=1 B='] },
    { line: ['start', '-n', 'foo'], calls: ['start foo without waiting'] },
    { line: ['stop', 'foo', '--no-wait'], calls: ['stop foo without waiting'] },
    { line: ['restart', 'foo', 'A=1', '-n'], calls: ['restart foo A=1 without waiting'] },
    { line: ['emit', 'e', 'A=two words'], calls: ['emit e A=two words'] },
    { line: ['emit', '--no-wait', 'e'], calls: ['emit e without waiting'] },
    { line: ['emit', ''], calls: ['emit '] },
    { line: ['log-priority', 'info', 'extra'], calls: ['log-priority info'] },
    { line: ['reload-configuration', 'extra'], calls: ['reload-configuration'] },
  ])('$line', async ({ line, calls }) => {
    const fake = fakeUpstart({ foo: { instances: { '': running } } });
    expect(await run(line, { client: fake.client })).toMatchObject({ status: 0, stderr: '' });
    expect(fake.calls).toEqual(calls);
  });
});

test.each([
  ['-q', 'status', 'foo'],
  ['status', 'foo', '--quiet'],
  ['version', '-q'],
])('%s %s %s hides the answer, not the status', async (...line) => {
  const { client } = fakeUpstart({ foo: {} });
  expect(await run(line, { client })).toEqual({ status: 0, stdout: '', stderr: '' });
});
