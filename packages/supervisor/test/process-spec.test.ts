import { defineJob, type JobConf } from '@maverick/conf';
import type { Action } from '@maverick/engine';
import { expect, test } from 'vitest';
import { type ProcessDefaults, processSpec } from '../src/process-spec.js';

const SESSION: ProcessDefaults = {
  console: 'log',
  consoleIs: 'device',
  sessionMode: true,
  inheritsUmask: true,
  env: [],
};
const SYSTEM: ProcessDefaults = { ...SESSION, sessionMode: false, inheritsUmask: false };

const spawnOf = (conf: JobConf, rest: Partial<Extract<Action, { kind: 'spawn' }>> = {}) =>
  ({
    kind: 'spawn',
    process: 1,
    instance: { session: '', job: 'web', instance: '' },
    role: 'main',
    definition: defineJob({ processes: { main: { script: false, command: 'web' } }, ...conf }),
    env: ['PATH=/bin'],
    fds: [],
    cause: { input: 1 },
    ...rest,
  }) as const satisfies Action;

test('a bare job of a session inherits everything', () => {
  expect(processSpec(spawnOf({}), SESSION)).toEqual({ argv: ['web'], env: ['PATH=/bin'], console: { kind: 'none' } });
});

test('a bare job of the system runs in / with umask 022', () => {
  expect(processSpec(spawnOf({}), SYSTEM)).toMatchObject({ cwd: '/', umask: 0o022 });
});

test.each([
  { conf: { umask: 0o77 }, spec: { umask: 0o77 } },
  { conf: { nice: -3 }, spec: { nice: -3 } },
  { conf: { oomScore: 500 }, spec: { oomScore: 500 } },
  { conf: { chdir: '/srv' }, spec: { cwd: '/srv' } },
  { conf: { chroot: '/jail' }, spec: { chroot: ['/jail'] } },
  { conf: { setuid: 'www', setgid: 'web' }, spec: { user: 'www', group: 'web' } },
  {
    conf: { limits: { nofile: { soft: 10, hard: 'unlimited' } } },
    spec: { limits: [{ resource: 'nofile', soft: 10, hard: 'unlimited' }] },
  },
  { conf: { console: 'output' }, spec: { console: { kind: 'output' } } },
  { conf: { console: 'owner' }, spec: { console: { kind: 'owner' } } },
  { conf: { console: 'none' }, spec: { console: { kind: 'none' } } },
] as const)('$conf of the file is $spec of the process', ({ conf, spec }) => {
  expect(processSpec(spawnOf(conf), { ...SYSTEM, logDir: '/log' })).toMatchObject(spec);
});

test.each([
  { console: 'output', consoleIs: 'own', spec: { kind: 'own' } },
  { console: 'output', consoleIs: 'own-terminal', spec: { kind: 'own' } },
  { console: 'owner', consoleIs: 'own', spec: { kind: 'own', input: true, terminal: false } },
  { console: 'owner', consoleIs: 'own-terminal', spec: { kind: 'own', input: true, terminal: true } },
  { console: 'none', consoleIs: 'own', spec: { kind: 'none' } },
  { console: 'log', consoleIs: 'own', spec: { kind: 'log', path: '/log/web.log' } },
] as const)('console $console, where the console is $consoleIs', ({ console, consoleIs, spec }) => {
  expect(processSpec(spawnOf({ console }), { ...SYSTEM, consoleIs, logDir: '/log' }).console).toEqual(spec);
});

test('an oom score of 0 is what every process has: it is not written', () => {
  expect(processSpec(spawnOf({ oomScore: 0 }), SESSION)).not.toHaveProperty('oomScore');
});

test('the security process gets none of the settings', () => {
  const definition = defineJob({ nice: 5, processes: { security: { script: false, command: 'load' } } });
  expect(processSpec(spawnOf({}, { role: 'security', definition }), SYSTEM)).not.toHaveProperty('nice');
});

test.each([
  { job: 'web', instance: '', path: '/log/web.log' },
  { job: 'net/web', instance: '', path: '/log/net_web.log' },
  { job: 'tty', instance: '/dev/tty1', path: '/log/tty-_dev_tty1.log' },
])('the output of $job ($instance) goes to $path', ({ job, instance, path }) => {
  const action = spawnOf({}, { instance: { session: '', job, instance } });
  expect(processSpec(action, { ...SESSION, logDir: '/log' }).console).toEqual({ kind: 'log', path });
});

test('the address of the session overrides what a job says about it', () => {
  const action = spawnOf({}, { env: ['UPSTART_SESSION=other', 'A=1'] });
  const defaults = { ...SESSION, env: ['UPSTART_SESSION=unix:abstract=/x'] };
  expect(processSpec(action, defaults).env).toEqual(['UPSTART_SESSION=unix:abstract=/x', 'A=1']);
});

test('descriptors of the event are passed from 3 on', () => {
  const { listenFds, stdio } = processSpec(spawnOf({}, { fds: [7, 8] }), SESSION);
  expect(listenFds).toEqual([
    { fd: 7, name: 'socket' },
    { fd: 8, name: 'socket' },
  ]);
  expect(stdio).toBeUndefined();
});

test.each([
  { role: 'main', stdio: { input: 7, output: 7 } },
  { role: 'pre-start', stdio: undefined },
] as const)('an accepted connection is standard input and output of $role: $stdio', ({ role, stdio }) => {
  const process = { script: false, command: 'x' };
  const action = spawnOf(
    { processes: { main: process, 'pre-start': process } },
    { role, fds: [7], env: ['PROTO=unix', 'ACCEPT=y', 'UPSTART_EVENTS=socket'] },
  );
  const spec = processSpec(action, SESSION);
  expect(spec.listenFds).toEqual([{ fd: 7, name: 'connection' }]);
  expect(spec.stdio).toEqual(stdio);
});

test.each([
  { role: 'main', profile: 'profile-web' },
  { role: 'pre-start', profile: undefined },
] as const)('apparmor switch gives $role the profile $profile', ({ role, profile }) => {
  const process = { script: false, command: 'x' };
  const conf: JobConf = { apparmorSwitch: 'profile-$KIND', processes: { main: process, 'pre-start': process } };
  expect(processSpec(spawnOf(conf, { role, env: ['KIND=web'] }), SESSION).apparmor).toBe(profile);
});

test('an AppArmor profile whose name can not be expanded fails that step', () => {
  expect(() => processSpec(spawnOf({ apparmorSwitch: '$NOWHERE' }), SESSION)).toThrow(
    expect.objectContaining({
      step: 'apparmor',
      message: 'unable to switch security profile: Unknown parameter: NOWHERE',
    }),
  );
});
