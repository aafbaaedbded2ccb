import { createServer, type UpstartServer } from '@maverick/dbus';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeModel, fakeModel } from './helpers/fake-model.js';
import { run } from './helpers/run.js';
import { type Initctl, playSession } from './helpers/session.js';

const JOBS = {
  sleeper: { usage: 'sleeper has no options' },
  inst: { instance: '$X', usage: 'inst X=name' },
  plain: {},
  'sub/nested': { emits: ['foo-*', 'bar'] },
  usesglob: {
    startOn: {
      kind: 'and',
      left: { kind: 'match', name: 'foo-x', args: [] },
      right: { kind: 'match', name: 'started', args: ['sleeper'] },
    },
    stopOn: { kind: 'match', name: 'stopping', args: ['sleeper', 'RESULT=ok'] },
  },
} as const;

const ANSWERS = {
  'start plain': { ok: false, code: 'JobFailed', message: 'Job failed to start' },
  'emit failev': { ok: false, code: 'EventFailed', message: 'Event failed' },
} as const;

let sockets = 0;
let model: FakeModel;
let server: UpstartServer;

beforeEach(() => {
  model = fakeModel(JOBS, ANSWERS);
  server = createServer(model, { address: `unix:abstract=/maverick/initctl-test/${process.pid}/${++sockets}` });
});

afterEach(() => {
  server.close();
});

const initctl: Initctl = (words) => run(words, { env: { UPSTART_SESSION: server.address } });
const session = (text: string): Promise<void> => playSession(text, initctl);

describe('commands on jobs', () => {
  test('start, status, restart, stop', () =>
    session(`
$ status sleeper
sleeper stop/waiting
$ start sleeper
sleeper start/running, process 1001
$ start sleeper
! initctl: Job is already running: sleeper
$ status sleeper
sleeper start/running, process 1001
$ restart sleeper
sleeper start/running, process 1002
$ reload sleeper
$ stop sleeper
sleeper stop/waiting
$ stop sleeper
! initctl: Unknown instance: 
$ restart sleeper
! initctl: Unknown instance: 
$ reload sleeper
! initctl: Unknown instance: 
$ start plain
! initctl: Job failed to start`));

  test('instances', () =>
    session(`
$ start inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ status inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ stop inst
! initctl: Unknown parameter: X
! Usage: inst X=name
$ start inst X=a
inst (a) start/running, process 1001
$ start inst X=b/c Z=1
inst (b/c) start/running, process 1002
$ start inst X=
inst start/running, process 1003
$ start inst X=a
! initctl: Job is already running: inst (a)
$ status inst X=b/c
inst (b/c) start/running, process 1002
$ status inst X=zz
! initctl: Unknown instance: zz
$ stop inst X=zz
! initctl: Unknown instance: zz
$ stop inst X=a
inst stop/waiting`));

  test('arguments that the daemon refuses', () =>
    session(`
$ start nosuch
! initctl: Unknown job: nosuch
$ usage nosuch
! initctl: Unknown job: nosuch
$ show-config nosuch
! initctl: Unknown job: nosuch
$ status ''
! initctl: Name may not be empty string
$ status sleeper X
! initctl: Env must be KEY=VALUE pairs
$ start sleeper notkeyvalue
! initctl: Env must be KEY=VALUE pairs
$ start sleeper =x
sleeper start/running, process 1001`));

  test('list: a line for each instance, or for the job', () =>
    session(`
$ list
sleeper stop/waiting
inst stop/waiting
plain stop/waiting
sub/nested stop/waiting
usesglob stop/waiting
$ start inst X=b
inst (b) start/running, process 1001
$ start inst X=a
inst (a) start/running, process 1002
$ list extra
sleeper stop/waiting
inst (b) start/running, process 1001
inst (a) start/running, process 1002
plain stop/waiting
sub/nested stop/waiting
usesglob stop/waiting
$ list -q`));

  test('usage, with a blank at the end where there is none', () =>
    session(`
$ usage sleeper
Usage: sleeper has no options
$ usage plain
Usage: `));
});

test('emit', async () => {
  await session(`
$ emit ev1 FOO=bar X=1
$ emit --no-wait failev
! initctl: Event failed
$ emit ev1 notkv
! initctl: Env must be KEY=VALUE pairs
$ emit ''
! initctl: Name may not be empty string`);
  expect(model.calls).toEqual(['emit ev1 FOO=bar X=1', 'emit failev without waiting']);
});

test('show-config', () =>
  session(`
$ show-config
sleeper
inst
plain
sub/nested
  emits foo-*
  emits bar
usesglob
  start on (foo-x and started sleeper)
  stop on stopping sleeper RESULT=ok
$ show-config -e usesglob
usesglob
  start on foo-x (job:, env:)
  start on started (job: sleeper, env:)
  stop on stopping (job: sleeper, env: RESULT=ok)
$ show-config --enumerate plain
plain`));

test('the daemon: version, log priority, configuration', async () => {
  await session(`
$ version
init (upstart 1.13.2)
$ version extra -q
$ log-priority
message
$ log-priority bogus
! initctl: The log priority given was not recognised
$ log-priority debug
$ log-priority
debug
$ reload-configuration`);
  expect(model.calls).toEqual(['reload-configuration']);
});

test('nobody listens: the reason, status 1', async () => {
  server.close();
  expect(await initctl(['version'])).toEqual({
    status: 1,
    stdout: '',
    stderr: `initctl: Unable to connect to Upstart: Failed to connect to socket ${server.address.slice('unix:abstract='.length)}: Connection refused\n`,
  });
});

test('an address that is none', async () => {
  const { status, stderr } = await run(['version'], { env: { UPSTART_SESSION: 'nonsense' } });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^initctl: Unable to connect to Upstart: .*nonsense.*\n$/);
});
