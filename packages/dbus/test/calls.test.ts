import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { newClient } from '../src/client-link.js';
import { DBusError } from '../src/dbus-error.js';
import { route } from '../src/router.js';
import type { Value } from '../src/value.js';
import { RawPeer } from './helpers/raw-peer.js';
import { serve } from './helpers/serving.js';
import { MANAGER, WEB, WEB_INSTANCE, webModel } from './helpers/web-model.js';

const UPSTART = 'com.ubuntu.Upstart0_6';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const BUS = '/org/freedesktop/DBus';

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
    [BUS, 'org.freedesktop.DBus.Hello', '', [], [':1.0']],
    [BUS, 'org.freedesktop.DBus.AddMatch', 's', ["type='signal'"], []],
    [BUS, 'org.freedesktop.DBus.RemoveMatch', 's', ["type='signal'"], []],
    [BUS, 'org.freedesktop.DBus.GetNameOwner', 's', ['com.ubuntu.Upstart'], [':1.1']],
    [BUS, 'org.freedesktop.DBus.GetNameOwner', 's', ['org.freedesktop.DBus'], ['org.freedesktop.DBus']],
    [BUS, 'org.freedesktop.DBus.NameHasOwner', 's', [':1.0'], [true]],
    [BUS, 'org.freedesktop.DBus.NameHasOwner', 's', ['com.example.Other'], [false]],
    [BUS, 'org.freedesktop.DBus.Monitoring.BecomeMonitor', 'asu', [[], 0], []],
  ])('%s %s (%s)', async (path, member, signature, body, answer) => {
    const client = await serve(webModel()).client();
    expect(await client.rawCall(path, ...split(member), signature, body)).toEqual(answer);
  });

  test.each<ErrorRow>([
    [
      BUS,
      'org.freedesktop.DBus.GetNameOwner',
      's',
      ['com.example.Other'],
      'org.freedesktop.DBus.Error.NameHasNoOwner',
      "Could not get owner of name 'com.example.Other': no such name",
    ],
    [
      BUS,
      'org.freedesktop.DBus.RequestName',
      'su',
      ['com.example.Other', 0],
      'org.freedesktop.DBus.Error.UnknownMethod',
      'Method "RequestName" with signature "su" on interface "org.freedesktop.DBus" doesn\'t exist\n',
    ],
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
    const client = await serve(webModel()).client();
    await expect(client.rawCall(path, ...split(member), signature, body)).rejects.toThrowError(
      new DBusError(name, text),
    );
    await expect(client.rawCall(path, ...split(member), signature, body)).rejects.toMatchObject({ name });
  });

  test('a call without an interface is for the first that has the member', async () => {
    const { address } = serve(webModel());
    const peer = new RawPeer(address);
    await peer.greet();
    const call = { kind: 'call', noReply: false, signature: '', body: [] } as const;
    peer.sendMessages(
      { ...call, path: MANAGER, member: 'GetAllJobs' },
      { ...call, path: MANAGER, member: 'Introspect' },
      { ...call, path: '/nosuch', member: 'Ping' },
      { ...call, path: MANAGER, member: 'NoSuch' },
    );
    expect(await peer.next()).toMatchObject({ signature: 'ao' });
    expect(await peer.next()).toMatchObject({ signature: 's' });
    expect(await peer.next()).toMatchObject({ kind: 'return', signature: '' });
    expect(await peer.next()).toMatchObject({
      body: ['Method "NoSuch" with signature "" on interface "(null)" doesn\'t exist\n'],
    });
  });

  test('only who takes the socket for a bus is told who a signal is from', async () => {
    const { address, model } = serve(webModel());
    const [plain, named] = [new RawPeer(address), new RawPeer(address)];
    const call = { kind: 'call', path: BUS, interface: 'org.freedesktop.DBus', noReply: false } as const;
    for (const [peer, member] of [
      [plain, 'NoSuch'],
      [named, 'Hello'],
    ] as const) {
      await peer.greet();
      peer.sendMessages({ ...call, member, signature: '', body: [] });
      await peer.next();
    }
    model.notify({ kind: 'job-added', session: '', job: 'late' });
    expect(await plain.next()).not.toHaveProperty('sender');
    expect(await named.next()).toMatchObject({ member: 'JobAdded', sender: ':1.1' });
  });

  test('on a bus it is the bus that is asked', async () => {
    const answers: unknown[] = [];
    const message = { kind: 'call', noReply: false, path: BUS, interface: 'org.freedesktop.DBus' } as const;
    const origin = { peer: { pid: 1, uid: 0, gid: 0 }, client: newClient({ signal: () => {} }) };
    const call = { ...origin, session: '', model: webModel(), daemonUid: 0, keepFd: () => {}, waits: () => {} };
    const reply = {
      ok: (...answer: unknown[]) => answers.push(answer),
      fail: ({ name }: DBusError) => answers.push(name),
    };
    route({ ...call, message: { ...message, member: 'Hello', signature: '', body: [], sender: ':1.7' } }, reply);
    expect(answers).toEqual(['org.freedesktop.DBus.Error.UnknownMethod']);
  });

  test('commands reach the daemon as they were called', async () => {
    const { model: fake, client } = serve(webModel());
    const job = await (await client()).job('web');
    await job.start(['K=v']);
    await (await job.getInstanceByName('')).stop({ wait: false });
    expect(fake.asked).toEqual([
      { kind: 'start', job: 'web', env: ['K=v'], wait: true },
      { kind: 'stop', job: 'web', instance: '', wait: false },
    ]);
  });

  test('all properties of a job come at once, its conditions in reverse Polish order', async () => {
    const client = await serve(webModel()).client();
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
      file: '',
      overrideFile: '',
    });
  });

  test('an instance lists its processes, but none that has no pid yet', async () => {
    const client = await serve(webModel()).client();
    const expected = { name: '', goal: 'start', state: 'running', processes: [{ role: 'main', pid: 7 }] };
    expect(await client.instanceAt(WEB_INSTANCE).status()).toEqual(expected);
  });

  test('an empty interface name means all properties, the first of a name wins', async () => {
    const client = await serve(webModel()).client();
    const [all] = await client.rawCall(MANAGER, PROPERTIES, 'GetAll', 's', ['']);
    expect(all).toEqual(
      new Map([
        ['version', variant('s', 'init (upstart 1.13.2)')],
        ['log_priority', variant('s', 'message')],
        ['bridge_events', variant('as', [])],
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
