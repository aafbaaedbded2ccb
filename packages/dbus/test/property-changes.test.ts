import { expect, onTestFinished, test } from 'vitest';
import type { SignalMessage } from '../src/message.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { RawPeer } from './helpers/raw-peer.js';
import { serve } from './helpers/serving.js';
import { MANAGER, WEB, WEB_INSTANCE, webModel } from './helpers/web-model.js';

const { ref } = instanceView('web');
const PROPERTIES = 'org.freedesktop.DBus.Properties';

/** Reads signals of a server, up to the answer to a call that is made after all that. */
const listener = async (address: string) => {
  const peer = new RawPeer(address);
  await peer.greet();
  const ping = { kind: 'call', path: MANAGER, interface: 'org.freedesktop.DBus.Peer', noReply: false } as const;
  const signals = async (): Promise<SignalMessage[]> => {
    // What is told at the end of this turn is told before the call is read.
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    peer.sendMessages({ ...ping, member: 'Ping', signature: '', body: [] });
    const heard: SignalMessage[] = [];
    for (let message = await peer.next(); message.kind !== 'return'; message = await peer.next()) {
      if (message.kind === 'signal') heard.push(message);
    }
    return heard;
  };
  await signals();
  return signals;
};

const changesIn = (signals: readonly SignalMessage[]) =>
  signals.flatMap(({ interface: name, member, path, body }) =>
    name === PROPERTIES && member === 'PropertiesChanged' ? [[path, ...body]] : [],
  );

test('an instance that passes many states in one turn tells of its properties once, after its signals', async () => {
  const { model, address } = serve(webModel());
  const signals = await listener(address);
  model.notify(
    { kind: 'goal-changed', instance: ref, from: 'stop', to: 'start' },
    { kind: 'state-changed', instance: ref, from: 'waiting', to: 'starting' },
    { kind: 'state-changed', instance: ref, from: 'spawned', to: 'running' },
    { kind: 'processes-changed', instance: ref },
  );
  const heard = await signals();
  expect(heard.map(({ member }) => member)).toEqual([
    'GoalChanged',
    'StateChanged',
    'StateChanged',
    'PropertiesChanged',
  ]);
  const values = new Map<string, unknown>([
    ['goal', { signature: 's', value: 'start' }],
    ['state', { signature: 's', value: 'running' }],
    ['processes', { signature: 'a(si)', value: [['main', 7]] }],
  ]);
  expect(changesIn(heard)).toEqual([[WEB_INSTANCE, 'com.ubuntu.Upstart0_6.Instance', values, []]]);
});

test('a job tells of its instances', async () => {
  const { model, address } = serve(webModel());
  const signals = await listener(address);
  model.notify({ kind: 'instance-added', instance: ref });
  const values = new Map([['instances', { signature: 'ao', value: [WEB_INSTANCE] }]]);
  expect(changesIn(await signals())).toEqual([[WEB, 'org.maverick.Init1.Job', values, []]]);
});

test('a new definition is told to those that keep copies: the signal of a job, and its properties', async () => {
  const { model, address } = serve(new FakeModel().add('web', { description: 'new' }));
  const signals = await listener(address);
  model.notify({ kind: 'definition-changed', session: '', job: 'web' });
  const heard = await signals();
  expect(heard[0]).toMatchObject({ member: 'JobAdded', path: MANAGER, body: [WEB] });
  const [ofJob, ofOurs, ...others] = changesIn(heard);
  expect(ofJob?.slice(0, 2)).toEqual([WEB, 'com.ubuntu.Upstart0_6.Job']);
  expect(ofJob?.[2]).toEqual(
    new Map<string, unknown>([
      ...['name', 'description', 'author', 'version', 'usage'].map(
        (name) => [name, { signature: 's', value: { name: 'web', description: 'new' }[name] ?? '' }] as const,
      ),
      ['start_on', { signature: 'aas', value: [] }],
      ['stop_on', { signature: 'aas', value: [] }],
      ['emits', { signature: 'as', value: [] }],
    ]),
  );
  expect(ofOurs?.slice(0, 2)).toEqual([WEB, 'org.maverick.Init1.Job']);
  expect(others).toEqual([]);
});

test('a broken file is told by the property alone', async () => {
  const { model, address } = serve(webModel());
  Object.assign(model, { staleBecauseOf: () => '/etc/init/web.conf' });
  const signals = await listener(address);
  model.notify({ kind: 'staleness-changed', session: '', job: 'web' });
  const heard = await signals();
  const values = new Map([['stale_because_of', { signature: 's', value: '/etc/init/web.conf' }]]);
  expect(heard.map(({ body }) => body)).toEqual([['org.maverick.Init1.Job', values, []]]);
});

test('what is gone at the end of the turn has no properties', async () => {
  const { model, address } = serve(webModel());
  const signals = await listener(address);
  model.notify({ kind: 'state-changed', instance: ref, from: 'post-stop', to: 'waiting' });
  model.remove('web');
  expect(changesIn(await signals())).toEqual([]);
});

test('where nobody listens, nothing is looked at', async () => {
  const { model } = serve(webModel());
  let looks = 0;
  const { instance } = model;
  model.instance = (...args) => {
    looks += 1;
    return instance.apply(model, args);
  };
  onTestFinished(() => {
    model.instance = instance;
  });
  model.notify({ kind: 'goal-changed', instance: ref, from: 'stop', to: 'start' });
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(looks).toBe(0);
});
