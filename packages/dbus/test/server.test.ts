import { existsSync } from 'node:fs';
import type { Reply } from '@maverick/engine';
import { describe, expect, test } from 'vitest';
import { connect } from '../src/connect.js';
import { DBusError } from '../src/dbus-error.js';
import { createServer } from '../src/server.js';
import type { Value } from '../src/value.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { serve } from './helpers/serving.js';

const UPSTART = 'com.ubuntu.Upstart0_6';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const MANAGER = '/com/ubuntu/Upstart';
const WEB = '/com/ubuntu/Upstart/jobs/web';
const WEB_INSTANCE = `${WEB}/_`;

const model = () =>
  new FakeModel()
    .add(
      'web',
      {
        description: 'd',
        author: 'a',
        version: 'v',
        usage: 'u',
        emits: ['q'],
        startOn: {
          kind: 'or',
          left: { kind: 'match', name: 'ev', args: ['A=1'] },
          right: {
            kind: 'and',
            left: { kind: 'match', name: 'x', args: [] },
            right: { kind: 'match', name: 'y', args: ['B!=2'] },
          },
        },
        stopOn: { kind: 'match', name: 'z', args: [] },
      },
      [
        instanceView('web', '', {
          processes: [
            { role: 'main', process: 1, pid: 7 },
            { role: 'post-start', process: 2 },
          ],
        }),
      ],
    )
    .add('net/if-up', {}, [instanceView('net/if-up', 'a b')]);

/** One row of a conversation: what is called, and what comes back. */
type Row = readonly [path: string, member: string, signature: string, body: Value[], answer: Value[]];
type ErrorRow = readonly [path: string, member: string, signature: string, body: Value[], error: string, text: string];

const split = (member: string): [string, string] => {
  const dot = member.lastIndexOf('.');
  return [member.slice(0, dot), member.slice(dot + 1)];
};

const variant = (signature: string, value: Value) => ({ signature, value });

describe('calls', () => {
  test.each<Row>([
    [MANAGER, `${UPSTART}.GetAllJobs`, '', [], [[WEB, '/com/ubuntu/Upstart/jobs/net_2fif_2dup']]],
    [MANAGER, `${UPSTART}.GetJobByName`, 's', ['web'], [WEB]],
    [MANAGER, `${UPSTART}.ReloadConfiguration`, '', [], []],
    [MANAGER, `${UPSTART}.EmitEvent`, 'sasb', ['with space', ['=v'], true], []],
    [WEB, `${UPSTART}.Job.GetInstance`, 'as', [['A=1']], [WEB_INSTANCE]],
    [WEB, `${UPSTART}.Job.GetInstanceByName`, 's', [''], [WEB_INSTANCE]],
    [WEB, `${UPSTART}.Job.GetAllInstances`, '', [], [[WEB_INSTANCE]]],
    [WEB, `${UPSTART}.Job.Start`, 'asb', [['K=v'], true], [WEB_INSTANCE]],
    [WEB, `${UPSTART}.Job.Stop`, 'asb', [[], false], []],
    [WEB, `${UPSTART}.Job.Restart`, 'asb', [[], true], [WEB_INSTANCE]],
    [WEB_INSTANCE, `${UPSTART}.Instance.Start`, 'b', [true], []],
    [WEB_INSTANCE, `${UPSTART}.Instance.Stop`, 'b', [true], []],
    [WEB_INSTANCE, `${UPSTART}.Instance.Restart`, 'b', [false], []],
    [WEB_INSTANCE, `${UPSTART}.Instance.Reload`, '', [], []],
    [MANAGER, `${PROPERTIES}.Get`, 'ss', [UPSTART, 'version'], [variant('s', 'init (upstart 1.13.2)')]],
    [MANAGER, `${PROPERTIES}.Get`, 'ss', ['', 'version'], [variant('s', 'init (upstart 1.13.2)')]],
    [MANAGER, `${PROPERTIES}.Get`, 'ss', ['org.maverick.Init1', 'version'], [variant('s', '0.1.0')]],
    [MANAGER, `${PROPERTIES}.Set`, 'ssv', [UPSTART, 'log_priority', variant('s', 'info')], []],
    [WEB, `${PROPERTIES}.GetAll`, 's', ['no.such'], [new Map()]],
    [WEB, 'org.freedesktop.DBus.Peer.Ping', '', [], []],
    ['/nosuch', 'org.freedesktop.DBus.Peer.Ping', '', [], []],
    ['/org/freedesktop/DBus', 'org.freedesktop.DBus.Hello', '', [], [':1.0']],
  ])('%s %s (%s)', async (path, member, signature, body, answer) => {
    const client = await serve(model()).client();
    expect(await client.rawCall(path, ...split(member), signature, body)).toEqual(answer);
  });

  test.each<ErrorRow>([
    [MANAGER, `${UPSTART}.GetJobByName`, 's', ['nosuch'], `${UPSTART}.Error.UnknownJob`, 'Unknown job: nosuch'],
    [
      MANAGER,
      `${UPSTART}.GetJobByName`,
      's',
      [''],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Name may not be empty string',
    ],
    [
      MANAGER,
      `${UPSTART}.GetJobByName`,
      'i',
      [1],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Invalid arguments to GetJobByName method',
    ],
    [
      MANAGER,
      `${UPSTART}.GetJobByName`,
      '',
      [],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Invalid arguments to GetJobByName method',
    ],
    [
      MANAGER,
      `${UPSTART}.NoSuch`,
      '',
      [],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "NoSuch" with signature "" on interface "${UPSTART}" doesn't exist\n`,
    ],
    [
      MANAGER,
      'no.such.NoSuch',
      's',
      ['x'],
      'org.freedesktop.DBus.Error.UnknownMethod',
      'Method "NoSuch" with signature "s" on interface "no.such" doesn\'t exist\n',
    ],
    [
      MANAGER,
      `${UPSTART}.toString`,
      '',
      [],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "toString" with signature "" on interface "${UPSTART}" doesn't exist\n`,
    ],
    [
      '/nosuch',
      `${UPSTART}.GetAllJobs`,
      '',
      [],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "GetAllJobs" with signature "" on interface "${UPSTART}" doesn't exist\n`,
    ],
    [
      `${WEB}/gone`,
      `${UPSTART}.Instance.Stop`,
      'b',
      [true],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "Stop" with signature "b" on interface "${UPSTART}.Instance" doesn't exist\n`,
    ],
    [
      `${WEB}/_/_`,
      `${UPSTART}.Instance.Stop`,
      'b',
      [true],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "Stop" with signature "b" on interface "${UPSTART}.Instance" doesn't exist\n`,
    ],
    [
      '/com',
      `${PROPERTIES}.GetAll`,
      's',
      [''],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "GetAll" with signature "s" on interface "${PROPERTIES}" doesn't exist\n`,
    ],
    [
      MANAGER,
      `${PROPERTIES}.Get`,
      'ss',
      [UPSTART, 'nosuch'],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "Get" with signature "ss" on interface "${PROPERTIES}" doesn't exist\n`,
    ],
    [
      MANAGER,
      `${PROPERTIES}.Get`,
      'ss',
      ['no.such', 'version'],
      'org.freedesktop.DBus.Error.UnknownMethod',
      `Method "Get" with signature "ss" on interface "${PROPERTIES}" doesn't exist\n`,
    ],
    [
      MANAGER,
      `${PROPERTIES}.Set`,
      'ssv',
      [UPSTART, 'log_priority', variant('s', 'bogus')],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'The log priority given was not recognised',
    ],
    [
      MANAGER,
      `${PROPERTIES}.Set`,
      'ssv',
      [UPSTART, 'log_priority', variant('i', 3)],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Invalid arguments to log_priority property',
    ],
    [
      MANAGER,
      `${PROPERTIES}.Set`,
      'ssv',
      [UPSTART, 'version', variant('s', 'x')],
      'org.freedesktop.DBus.Error.AccessDenied',
      'The version property is read-only',
    ],
    [
      MANAGER,
      `${UPSTART}.EmitEvent`,
      'sasb',
      ['', [], true],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Name may not be empty string',
    ],
    [
      MANAGER,
      `${UPSTART}.EmitEvent`,
      'sasb',
      ['a', ['bad'], true],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Env must be KEY=VALUE pairs',
    ],
    [
      MANAGER,
      `${UPSTART}.GetState`,
      '',
      [],
      'org.freedesktop.DBus.Error.NotSupported',
      'GetState is not supported by this daemon',
    ],
    [
      MANAGER,
      `${UPSTART}.Restart`,
      '',
      [],
      'org.freedesktop.DBus.Error.NotSupported',
      'Restart is not supported by this daemon',
    ],
    [
      MANAGER,
      `${UPSTART}.NotifyDiskWriteable`,
      '',
      [],
      'org.freedesktop.DBus.Error.NotSupported',
      'NotifyDiskWriteable is not supported by this daemon',
    ],
    [
      MANAGER,
      `${UPSTART}.NotifyDBusAddress`,
      's',
      ['x'],
      'org.freedesktop.DBus.Error.NotSupported',
      'NotifyDBusAddress is not supported by this daemon',
    ],
    [
      MANAGER,
      `${UPSTART}.NotifyCGroupManagerAddress`,
      's',
      ['x'],
      'org.freedesktop.DBus.Error.NotSupported',
      'NotifyCGroupManagerAddress is not supported by this daemon',
    ],
    [
      MANAGER,
      `${UPSTART}.EndSession`,
      '',
      [],
      'org.freedesktop.DBus.Error.NotSupported',
      'EndSession is not supported by this daemon',
    ],
    [WEB, `${UPSTART}.Job.GetInstanceByName`, 's', ['zz'], `${UPSTART}.Error.UnknownInstance`, 'Unknown instance: zz'],
    [
      WEB,
      `${UPSTART}.Job.GetInstance`,
      'as',
      [['bad']],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Env must be KEY=VALUE pairs',
    ],
    [
      WEB,
      `${UPSTART}.Job.Start`,
      'asb',
      [['bad'], true],
      'org.freedesktop.DBus.Error.InvalidArgs',
      'Env must be KEY=VALUE pairs',
    ],
    [
      '/com/ubuntu/Upstart/jobs/net_2fif_2dup',
      `${UPSTART}.Job.GetInstance`,
      'as',
      [[]],
      `${UPSTART}.Error.UnknownInstance`,
      'Unknown instance: ',
    ],
  ])('%s %s (%s) %j answers %s', async (path, member, signature, body, name, text) => {
    const client = await serve(model()).client();
    await expect(client.rawCall(path, ...split(member), signature, body)).rejects.toThrowError(
      new DBusError(name, text),
    );
    await expect(client.rawCall(path, ...split(member), signature, body)).rejects.toMatchObject({ name });
  });

  test('commands reach the daemon as they were called', async () => {
    const { model: fake, client } = serve(model());
    const job = await (await client()).job('web');
    await job.start(['K=v']);
    await (await job.getInstanceByName('')).stop({ wait: false });
    expect(fake.asked).toEqual([
      { kind: 'start', job: 'web', env: ['K=v'], wait: true },
      { kind: 'stop', job: 'web', instance: '', wait: false },
    ]);
  });

  test('all properties of a job come at once, its conditions in reverse Polish order', async () => {
    const client = await serve(model()).client();
    expect(await client.jobAt(WEB).properties()).toEqual({
      name: 'web',
      description: 'd',
      author: 'a',
      version: 'v',
      usage: 'u',
      startOn: [['ev', 'A=1'], ['x'], ['y', 'B!=2'], ['/AND'], ['/OR']],
      stopOn: [['z']],
      emits: ['q'],
      while: '',
      staleBecauseOf: '',
    });
  });

  test('an instance lists its processes, but none that has no pid yet', async () => {
    const client = await serve(model()).client();
    const expected = { name: '', goal: 'start', state: 'running', processes: [{ role: 'main', pid: 7 }] };
    expect(await client.instanceAt(WEB_INSTANCE).status()).toEqual(expected);
  });

  test('an empty interface name means all properties, the first of a name wins', async () => {
    const client = await serve(model()).client();
    const [all] = await client.rawCall(MANAGER, PROPERTIES, 'GetAll', 's', ['']);
    expect(all).toEqual(
      new Map([
        ['version', variant('s', 'init (upstart 1.13.2)')],
        ['log_priority', variant('s', 'message')],
      ]),
    );
  });

  test('the machine id is that of the machine, or an error that says where it was looked for', async () => {
    const client = await serve().client();
    const asked = client.rawCall('/', 'org.freedesktop.DBus.Peer', 'GetMachineId');
    if (existsSync('/etc/machine-id')) expect((await asked)[0]).toMatch(/^[0-9a-f]{32}$/);
    else await expect(asked).rejects.toThrowError(/machine-id/);
  });
});

describe('errors', () => {
  test.each<[code: Extract<Reply, { ok: false }>['code'], name: string]>([
    ['UnknownJob', `${UPSTART}.Error.UnknownJob`],
    ['UnknownInstance', `${UPSTART}.Error.UnknownInstance`],
    ['UnknownJobInstance', `${UPSTART}.Error.UnknownJobInstance`],
    ['AlreadyStarted', `${UPSTART}.Error.AlreadyStarted`],
    ['AlreadyStopped', `${UPSTART}.Error.AlreadyStopped`],
    ['NotRunning', `${UPSTART}.Error.NotRunning`],
    ['JobFailed', `${UPSTART}.Error.JobFailed`],
    ['EventFailed', `${UPSTART}.Error.EventFailed`],
    ['PermissionDenied', `${UPSTART}.Error.PermissionDenied`],
    ['InvalidArgs', 'org.freedesktop.DBus.Error.InvalidArgs'],
    ['Deadlock', 'org.maverick.Init1.Error.Deadlock'],
  ])("the daemon's %s is %s", async (code, name) => {
    const { model: fake, client } = serve(model());
    fake.answering = (_, answer) => answer({ ok: false, code, message: 'why' });
    await expect((await client()).emit('x')).rejects.toThrowError(new DBusError(name, 'why'));
    await expect((await client()).emit('x')).rejects.toMatchObject({ name });
  });

  test('an instance that can not be named is told in the words of the daemon', async () => {
    const { model: fake, client } = serve(model());
    fake.naming = { ok: false, code: 'InvalidArgs', message: 'Unknown parameter: X\nUsage: u' };
    await expect((await client()).jobAt(WEB).getInstance()).rejects.toThrowError(
      new DBusError('org.freedesktop.DBus.Error.InvalidArgs', 'Unknown parameter: X\nUsage: u'),
    );
  });

  test('an answer that D-Bus can not carry is an error for the caller', async () => {
    const { model: fake, client } = serve(model().add('odd', { usage: '\0' }));
    const upstart = await client();
    const odd = { name: 'org.freedesktop.DBus.Error.Failed' };
    await expect(upstart.jobAt('/com/ubuntu/Upstart/jobs/odd').properties()).rejects.toMatchObject(odd);
    Object.assign(fake, { state: () => '\0' });
    await expect(upstart.rawCall(MANAGER, UPSTART, 'GetState')).rejects.toMatchObject(odd);
  });

  test('a daemon that throws costs the caller an error, and nobody else anything', async () => {
    const { model: fake, client } = serve(model());
    fake.answering = () => {
      throw new Error('a bug');
    };
    await expect((await client()).emit('x')).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Failed' });
    expect(await (await client()).version()).toBe(fake.version);
  });
});

describe('the job environment', () => {
  const call = async (member: string, signature: string, body: Value[], fake = model()) => {
    const client = await serve(fake).client();
    return client.rawCall(MANAGER, UPSTART, member, signature, body);
  };

  test('is set, listed, read and reset', async () => {
    const { model: fake, client } = serve(model());
    const upstart = await client();
    await upstart.setEnv(['A=1', 'B'], { replace: false });
    await upstart.rawCall(MANAGER, UPSTART, 'SetEnv', 'assb', [[], 'C', true]);
    expect(await upstart.listEnv()).toEqual(['A=1', 'B=', 'C=']);
    expect(await upstart.getEnv('A')).toBe('1');
    expect(await upstart.getEnv('IN', { job: 'web', instance: '' })).toBe('web/');
    await upstart.unsetEnv(['A'], { job: 'net/if-up', instance: 'a b' });
    await upstart.resetEnv();
    expect(fake.asked).toEqual([
      { set: ['A=1', 'B='], replace: false, target: undefined },
      { set: ['C='], replace: true, target: undefined },
      { unset: ['A'], target: { job: 'net/if-up', instance: 'a b' } },
      { reset: true, target: undefined },
    ]);
  });

  test.each<[member: string, signature: string, body: Value[], name: string, text: string]>([
    ['GetEnv', 'ass', [[], ''], 'org.freedesktop.DBus.Error.InvalidArgs', 'Variable may not be empty string'],
    ['GetEnv', 'ass', [[], 'nosuch'], 'org.freedesktop.DBus.Error.InvalidArgs', 'No such variable: nosuch'],
    ['SetEnv', 'assb', [['nosuch'], 'Q=1', true], `${UPSTART}.Error.UnknownJob`, 'Unknown job: nosuch'],
    [
      'SetEnv',
      'assb',
      [['web'], 'Q=1', true],
      `${UPSTART}.Error.UnknownJobInstance`,
      'Unknown instance: (null) of job web',
    ],
    ['ListEnv', 'as', [['web', 'zz']], `${UPSTART}.Error.UnknownJobInstance`, 'Unknown instance: zz of job web'],
    ['ResetEnv', 'as', [['', '']], 'org.freedesktop.DBus.Error.InvalidArgs', 'Job may not be empty string'],
  ])('%s (%s) %j answers %s', async (member, signature, body, name, text) => {
    await expect(call(member, signature, body)).rejects.toThrowError(new DBusError(name, text));
    await expect(call(member, signature, body)).rejects.toMatchObject({ name });
  });
});

describe('signals', () => {
  test('tell every connection what happened, from the path of whom it happened to, in order', async () => {
    const { model: fake, client } = serve(model());
    const clients = await Promise.all([client(), client()]);
    const streams = clients.map((one) => one.events());
    await Promise.all(clients.map((one) => one.version()));
    const { ref } = instanceView('web');
    fake.notify(
      { kind: 'job-added', session: '', job: 'a-b' },
      { kind: 'instance-added', instance: ref },
      { kind: 'goal-changed', instance: ref, from: 'stop', to: 'start' },
      { kind: 'state-changed', instance: ref, from: 'waiting', to: 'starting' },
      { kind: 'event-queued', event: 1, session: '', name: 'starting', env: [], failed: false },
      { kind: 'event-finished', event: 1, session: '', name: 'starting', env: ['JOB=web'], failed: false },
      { kind: 'job-failed', instance: ref, process: 'main', status: -1 },
      { kind: 'instance-removed', instance: ref },
      { kind: 'job-removed', session: '', job: 'a-b' },
    );
    const expected = [
      { kind: 'job-added', job: '/com/ubuntu/Upstart/jobs/a_2db' },
      { kind: 'instance-added', job: WEB, instance: WEB_INSTANCE },
      { kind: 'goal-changed', instance: WEB_INSTANCE, goal: 'start' },
      { kind: 'state-changed', instance: WEB_INSTANCE, state: 'starting' },
      { kind: 'event-emitted', name: 'starting', env: ['JOB=web'] },
      { kind: 'failed', instance: WEB_INSTANCE, status: -1 },
      { kind: 'instance-removed', job: WEB, instance: WEB_INSTANCE },
      { kind: 'job-removed', job: '/com/ubuntu/Upstart/jobs/a_2db' },
    ];
    for (const stream of streams) {
      for (const event of expected) expect(await stream.next()).toEqual({ value: event, done: false });
    }
  });

  test('that D-Bus can not carry cost a warning, and neither the daemon nor the next signal', async () => {
    const { model: fake, client, warnings } = serve(model());
    const upstart = await client();
    const events = upstart.events();
    await upstart.version();
    const event = { kind: 'event-finished', event: 1, session: '', failed: false } as const;
    fake.notify({ ...event, name: 'a', env: ['A=\0'] }, { ...event, name: 'b', env: [] });
    expect(await events.next()).toMatchObject({ value: { kind: 'event-emitted', name: 'b' } });
    expect(warnings).toEqual(['Unable to signal EventEmitted: String contains null byte']);
  });
});

describe('the socket', () => {
  test('an answer may come late, and other calls need not wait for it', async () => {
    const { model: fake, client } = serve(model());
    let release: ((reply: Reply) => void) | undefined;
    fake.answering = (_, answer) => {
      release = answer;
    };
    const upstart = await client();
    const late = upstart.emit('x');
    expect(await upstart.version()).toBe(fake.version);
    release?.({ ok: true });
    release?.({ ok: true });
    await late;
  });

  test('an address that is taken is refused', () => {
    const { address } = serve();
    expect(() => createServer(model(), { address })).toThrowError(
      expect.objectContaining({ name: 'org.freedesktop.DBus.Error.AddressInUse' }),
    );
  });

  test('closing ends every connection and every wait', async () => {
    const { model: fake, server, client } = serve(model());
    fake.answering = () => {};
    const upstart = await client();
    const waiting = upstart.emit('x');
    await upstart.version();
    expect([server.connections, fake.subscribers]).toEqual([1, 1]);
    server.close();
    await expect(waiting).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Disconnected' });
    await upstart.closed;
    expect([server.connections, fake.subscribers]).toEqual([0, 0]);
    await expect(connect(server.address)).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.NoServer' });
  });

  test('no more clients are connected than allowed', async () => {
    const { warnings, client } = serve(model(), { maxConnections: 1 });
    const first = await client();
    await first.version();
    await expect((await client()).version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Disconnected' });
    expect(warnings).toEqual(['Dropped a private connection: 1 are open']);
    expect(await first.version()).toBe('init (upstart 1.13.2)');
  });
});
