import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/command-line.js';
import { DEFAULT_OPTIONS } from '../src/option-table.js';

const run = (options: object, ignored: readonly string[] = []) => ({
  kind: 'run',
  options: { ...DEFAULT_OPTIONS, ...options },
  ignored,
});

describe('options that are taken', () => {
  test.each([
    { args: [], options: {} },
    { args: ['--user'], options: { mode: 'user' } },
    { args: ['--session'], options: { mode: 'session' } },
    { args: ['--container'], options: { mode: 'container' } },
    { args: ['--system'], options: { mode: 'system' } },
    { args: ['--job', 'web'], options: { program: { kind: 'job', name: 'web' } } },
    { args: ['--stop-timeout=2.5'], options: { stopTimeoutSeconds: 2.5 } },
    {
      args: ['--live', '--', 'nginx', '--user', '-g', 'daemon off;'],
      options: { live: true, program: { kind: 'command', argv: ['nginx', '--user', '-g', 'daemon off;'] } },
    },
    { args: ['--confdir', '/a', '--confdir=/b'], options: { confDirs: ['/a', '/b'] } },
    { args: ['--prepend-confdir=/a'], options: { prependConfDirs: ['/a'] } },
    { args: ['--append-confdir', '/a'], options: { appendConfDirs: ['/a'] } },
    { args: ['--logdir', '/log'], options: { logDir: '/log' } },
    { args: ['--no-log'], options: { log: false } },
    { args: ['--startup-event=boot'], options: { startupEvent: 'boot' } },
    { args: ['--default-console', 'none'], options: { defaultConsole: 'none' } },
    { args: ['--journal', '/j'], options: { journalDir: '/j' } },
    { args: ['--no-journal'], options: { journal: false } },
    { args: ['--no-journal', '--journal=/j'], options: { journalDir: '/j' } },
    { args: ['--semantics', 'upstart'], options: { semantics: 'upstart' } },
    { args: ['--live'], options: { live: true } },
    { args: ['--state-dir', '/state'], options: { stateDir: '/state' } },
    { args: ['--no-state'], options: { keepsState: false } },
    { args: ['--no-inherit-env'], options: { inheritsEnv: false } },
    { args: ['--cgroup', '/sys/fs/cgroup/jobs'], options: { cgroupDir: '/sys/fs/cgroup/jobs' } },
    { args: ['--no-cgroups'], options: { cgroups: false } },
    { args: ['--chroot-sessions'], options: { chrootSessions: true } },
    { args: ['--chroot-session', '/a', '--chroot-session=/b'], options: { chrootRoots: ['/a', '/b'] } },
    { args: ['--user-sessions'], options: { userSessions: true } },
    { args: ['--bridge', 'socket,time', '--bridge=file,time'], options: { bridges: ['socket', 'time', 'file'] } },
    { args: ['--no-sessions'], options: {} },
    { args: ['--write-state-file'], options: { writesStateFile: true } },
    { args: ['--restart', '--state-fd', '17'], options: { restart: true, stateFd: 17 } },
    { args: ['--no-dbus'], options: { joinsBus: false } },
    { args: ['--address', 'unix:path=/run/x'], options: { address: 'unix:path=/run/x' } },
    { args: ['--no-dbus-activation'], options: { activatesNames: false } },
    { args: ['-q'], options: { priority: 'error' } },
    { args: ['--quiet'], options: { priority: 'error' } },
    { args: ['--error'], options: { priority: 'error' } },
    { args: ['--log-target', 'syslog'], options: { logTarget: 'syslog' } },
    { args: ['--log-format=json'], options: { logFormat: 'json' } },
    { args: ['-v'], options: { priority: 'info' } },
    { args: ['--verbose'], options: { priority: 'info' } },
    { args: ['--debug'], options: { priority: 'debug' } },
  ])('$args', ({ args, options }) => {
    expect(parseCommandLine(args)).toEqual(run(options));
  });
});

test('--no-startup-event leaves none', () => {
  const parsed = parseCommandLine(['--no-startup-event']);
  expect(parsed.kind === 'run' && 'startupEvent' in parsed.options).toBe(false);
});

test.each([
  { args: ['--user', '--frobnicate', 'quiet', '--frobnicate=7'], ignored: ['--frobnicate', 'quiet', '--frobnicate=7'] },
  { args: ['--user', '-x'], ignored: ['-x'] },
])('words without a meaning are passed over: $args', ({ args, ignored }) => {
  expect(parseCommandLine(args)).toEqual(run({ mode: 'user' }, ignored));
});

test.each([
  { args: ['--'], message: '-- needs a command after it' },
  {
    args: ['--job', 'web', '--', 'nginx'],
    message: '--job and a command after -- exclude each other: end with the one or the other',
  },
  {
    args: ['--stop-timeout', 'soon'],
    message:
      "--stop-timeout: 'soon' is none of what it takes (kill what is not down in time when everything is to stop)",
  },
  { args: ['--confdir'], message: '--confdir needs an argument: DIR' },
  {
    args: ['--default-console', 'screen'],
    message:
      "--default-console: 'screen' is none of what it takes (console of jobs without the stanza: none, log, output, owner)",
  },
  {
    args: ['--startup-event='],
    message: "--startup-event: '' is none of what it takes (emit NAME at the start, instead of startup)",
  },
])('$args is an error that says what is wanted', ({ args, message }) => {
  expect(parseCommandLine(args)).toMatchObject({ kind: 'error', message });
});

test.each([
  { args: ['--user', '--help'], kind: 'help' },
  { args: ['--version', '--user'], kind: 'version' },
])('$args asks for $kind', ({ args, kind }) => {
  expect(parseCommandLine(args)).toEqual({ kind });
});
