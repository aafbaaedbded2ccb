import { describe, expect, onTestFinished, test } from 'vitest';
import { createBusMember } from '../src/bus-member.js';
import { ERROR_NAMES } from '../src/error-names.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { type StubOnBus, stubOnBus } from './helpers/stub-on-bus.js';

const SERVER = 'com.example.SomeServer';
const CALLER = 'com.example.Caller';
const missing = missingBus();

const startsOn = (...args: string[]) => ({ startOn: { kind: 'match', name: 'dbus-activation', args } as const });

interface Stage {
  readonly bus: TestBus;
  readonly model: FakeModel;
  readonly caller: StubOnBus;
  /** Call the server, whoever has its name then. */
  call(): Promise<readonly unknown[]>;
}

/** A bus that hands activation on, a service that nobody provides, and a daemon with these jobs. */
const stage = async (model: FakeModel, unit = SERVER): Promise<Stage> => {
  const bus = new TestBus('session', { args: ['--systemd-activation'] });
  bus.addService(SERVER, ['Exec=/bin/false', `SystemdService=${unit}`]);
  await bus.start();
  onTestFinished(() => bus.stop());
  const serviceDirectories = [`${bus.folder}/services`];
  const activation = { bus: 'session', serviceDirectories } as const;
  const member = createBusMember(model, { address: bus.address, title: 'test bus', activation });
  onTestFinished(() => member.close());
  await member.join();
  const caller = await stubOnBus(bus.address, {}, CALLER);
  const call = async () => {
    const message = { destination: SERVER, path: '/', interface: SERVER, member: 'Do', signature: '', body: [] };
    return (await caller.connection.call(message)).body;
  };
  return { bus, model, caller, call };
};

const JOB_FAILED = { name: ERROR_NAMES.JobFailed, message: 'Job failed to start' };
const GOAL = { kind: 'goal-changed', instance: instanceView('server').ref } as const;

describe.skipIf(missing)(`activation${missing === undefined ? '' : ` (${missing})`}`, () => {
  test.each([
    ['its own name', SERVER],
    ['another name', 'some-server.service'],
  ])('starts the job that wants the name, whose unit is %s', async (_, unit) => {
    const model = new FakeModel().add('server', startsOn(SERVER));
    const { bus, call } = await stage(model, unit);
    model.emit = (event, answer) => {
      model.asked.push(event);
      const called = {
        called: (connection: StubOnBus['connection'], message: never) => connection.reply(message, '', []),
      };
      void stubOnBus(bus.address, called, SERVER).then(() => answer({ ok: true }));
    };
    expect(await call()).toEqual([]);
    const env = [`NAME=${SERVER}`, 'BUS=session', `UNIT=${unit}`];
    expect(model.asked).toEqual([{ name: 'dbus-activation', env, wait: true }]);
  });

  test('fails at once where no job wants the name', async () => {
    const { call, model } = await stage(new FakeModel().add('other', startsOn('com.example.Other')));
    await expect(call()).rejects.toMatchObject({ name: ERROR_NAMES.UnknownJob });
    expect(model.asked).toEqual([]);
  });

  test('fails at once where the job fails', async () => {
    const model = new FakeModel().add('server', startsOn(`NAME=${SERVER}`, 'BUS!=system'));
    const { call } = await stage(model);
    model.answering = (_, answer) => answer({ ok: false, code: 'EventFailed', message: 'Event failed' });
    await expect(call()).rejects.toMatchObject(JOB_FAILED);
  });

  test('fails when the job has run and ended without the name', async () => {
    const model = new FakeModel().add('server', startsOn('com.example.*'));
    const { call } = await stage(model);
    model.emit = (_, answer) => {
      model.add('server', startsOn('com.example.*'), [instanceView('server')]);
      answer({ ok: true });
      queueMicrotask(() => {
        model.add('server', startsOn('com.example.*'), [instanceView('server', '', { goal: 'stop' })]);
        model.notify({ ...GOAL, from: 'start', to: 'stop' });
      });
    };
    await expect(call()).rejects.toMatchObject(JOB_FAILED);
  });

  test.each([
    { kind: 'start-refused', instance: instanceView('server').ref },
    { kind: 'instance-unnamed', session: '', job: 'server', message: 'Unknown parameter: X' },
  ] as const)('fails at once where the job will not start: $kind', async (news) => {
    const model = new FakeModel().add('server', startsOn(SERVER));
    const { call } = await stage(model);
    model.emit = (_, answer) => {
      model.notify(news);
      answer({ ok: true });
    };
    await expect(call()).rejects.toMatchObject(JOB_FAILED);
  });

  test('goes on where one job will not start and another does', async () => {
    const model = new FakeModel().add('server', startsOn(SERVER)).add('other', startsOn(SERVER));
    const { bus, call } = await stage(model);
    model.emit = (_, answer) => {
      model.notify({ kind: 'start-refused', instance: instanceView('server').ref });
      model.add('other', startsOn(SERVER), [instanceView('other')]);
      answer({ ok: true });
      const called = {
        called: (connection: StubOnBus['connection'], message: never) => connection.reply(message, '', []),
      };
      void stubOnBus(bus.address, called, SERVER);
    };
    expect(await call()).toEqual([]);
  });

  test('fails when a job that ran already ends without the name', async () => {
    const model = new FakeModel().add('server', startsOn(SERVER), [instanceView('server')]);
    const { call } = await stage(model);
    const emitted = new Promise<void>((resolve) => {
      model.emit = (_, answer) => {
        answer({ ok: true });
        resolve();
      };
    });
    const failure = expect(call()).rejects.toMatchObject(JOB_FAILED);
    await emitted;
    model.add('server', startsOn(SERVER));
    model.notify({ kind: 'instance-removed', instance: instanceView('server').ref });
    await failure;
  });

  test('takes the environment of the session, and does not tell it again', async () => {
    const model = new FakeModel();
    const { caller } = await stage(model);
    const taken = new Promise((resolve) => {
      Object.assign(model, { takeActivationEnvironment: resolve });
    });
    await caller.ask('UpdateActivationEnvironment', 'a{ss}', [new Map([['A', '1=2']])]);
    expect(await taken).toEqual(['A=1=2']);
    expect(model.asked).toEqual([]);
  });

  test('is asked for by the bus only', async () => {
    const { caller, model } = await stage(new FakeModel().add('server', startsOn(SERVER)));
    const activator = 'org.freedesktop.systemd1';
    const forged = { kind: 'signal', destination: activator, path: '/org/freedesktop/DBus' } as const;
    const request = {
      interface: `${activator}.Activator`,
      member: 'ActivationRequest',
      signature: 's',
      body: [SERVER],
    };
    caller.connection.send({ ...forged, ...request });
    const path = '/org/freedesktop/systemd1';
    const introspect = { interface: 'org.freedesktop.DBus.Introspectable', member: 'Introspect' };
    const asked = { destination: activator, path, signature: '', body: [] } as const;
    const { body } = await caller.connection.call({ ...asked, ...introspect });
    expect(body[0]).toContain('<node name="/org/freedesktop/systemd1">');
    const start = { interface: `${activator}.Manager`, member: 'ListUnits' };
    await expect(caller.connection.call({ ...asked, ...start })).rejects.toMatchObject({
      name: ERROR_NAMES.UnknownMethod,
    });
    expect(model.asked).toEqual([]);
  });

  test('is left to whoever has the name of the activator', async () => {
    const bus = await new TestBus('session').start();
    onTestFinished(() => bus.stop());
    await stubOnBus(bus.address, {}, 'org.freedesktop.systemd1');
    const warnings: string[] = [];
    const options = { address: bus.address, title: 'test bus', activation: { bus: 'session' } } as const;
    const member = createBusMember(new FakeModel(), { ...options, onWarning: (text) => warnings.push(text) });
    onTestFinished(() => member.close());
    await member.join();
    expect([member.state, warnings]).toEqual(['joined', []]);
  });
});
