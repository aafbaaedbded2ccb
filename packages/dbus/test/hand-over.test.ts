import { describe, expect, onTestFinished, test } from 'vitest';
import { createBusMember } from '../src/bus-member.js';
import { connect } from '../src/connect.js';
import { keptDescriptors } from '../src/kept.js';
import type { CallMessage } from '../src/message.js';
import { createServer, type UpstartServer } from '../src/server.js';
import { encode, stampSerial } from '../src/wire.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { GREETING, RawPeer } from './helpers/raw-peer.js';
import { serve } from './helpers/serving.js';

/** The server after this one, in the same process; what is handed over goes through JSON, as over an `exec`. */
const next = (server: UpstartServer, model = new FakeModel()): { server: UpstartServer; model: FakeModel } => {
  const kept = JSON.parse(JSON.stringify(server.handOver()));
  const after = createServer(model, { address: kept.address, kept });
  onTestFinished(() => after.close());
  return { server: after, model };
};

const MANAGER = '/com/ubuntu/Upstart';
const emit = (name: string): CallMessage => ({
  kind: 'call',
  path: MANAGER,
  interface: 'com.ubuntu.Upstart0_6',
  member: 'EmitEvent',
  signature: 'sasb',
  body: [name, [], true],
  noReply: false,
});

describe('a private socket that is handed over', () => {
  test('answers calls that waited, to who made them', async () => {
    const { model, server, client } = serve(new FakeModel().add('web'));
    model.answering = () => {};
    const upstart = await client();
    const job = await upstart.job('web');
    const started = job.start();
    const emitted = upstart.emit('net-up');
    await expect.poll(() => model.asked.length).toBe(2);
    const { model: after } = next(server, new FakeModel().add('web'));
    expect([...after.awaited.keys()]).toEqual([1, 2]);
    after.awaited.get(1)?.({ ok: true, instance: instanceView('web', 'x').ref });
    after.awaited.get(2)?.({ ok: false, code: 'EventFailed', message: 'Event failed' });
    expect(await started).toMatchObject({ path: '/com/ubuntu/Upstart/jobs/web/x' });
    await expect(emitted).rejects.toThrow('Event failed');
    // The connection is as good as ever.
    expect(await upstart.version()).toBe('init (upstart 1.13.2)');
  });

  test('goes on telling who a signal is from, where the socket is taken for a bus', async () => {
    const { server, address } = serve();
    const peer = new RawPeer(address);
    await peer.greet();
    const hello = { interface: 'org.freedesktop.DBus', member: 'Hello', signature: '', body: [] } as const;
    peer.sendMessages({ ...hello, kind: 'call', path: '/org/freedesktop/DBus', noReply: false });
    await peer.next();
    next(server);
    expect(await peer.next()).toMatchObject({ member: 'Restarted', sender: ':1.1' });
  });

  test('tells Restarted, and every signal after it, to who listened', async () => {
    const { server, client } = serve();
    const upstart = await client();
    const events = upstart.events();
    await expect.poll(() => server.connections).toBe(1);
    const { model: after } = next(server);
    after.notify({ kind: 'event-finished', name: 'x', env: [] } as never);
    expect((await events.next()).value).toEqual({ kind: 'restarted' });
    expect((await events.next()).value).toMatchObject({ kind: 'event-emitted', name: 'x' });
  });

  test('is there for new clients at the same address', async () => {
    const { server, address } = serve();
    const { server: after } = next(server);
    const upstart = await connect(address);
    onTestFinished(() => upstart.close());
    expect(await upstart.version()).toBe('init (upstart 1.13.2)');
    expect(after.address).toBe(address);
  });

  test.each([1, 2, 20, GREETING.length - 1])('goes on with a greeting after %i bytes', async (count) => {
    const { server, address } = serve();
    const peer = new RawPeer(address);
    peer.send(GREETING.slice(0, count));
    // Whatever comes after it has been read by then.
    await new RawPeer(address).greet();
    next(server);
    peer.send(GREETING.slice(count));
    await peer.until('AGREE_UNIX_FD');
  });

  test.each([1, 16, 40])('goes on with a message after %i bytes', async (count) => {
    const { model, server, address } = serve();
    const peer = new RawPeer(address);
    await peer.greet();
    const { bytes } = encode(emit('half'));
    stampSerial(bytes, 7);
    peer.send(bytes.subarray(0, count));
    await new RawPeer(address).greet();
    const { model: after } = next(server);
    peer.send(bytes.subarray(count));
    expect((await peer.next()).kind).toBe('signal');
    expect(await peer.next()).toMatchObject({ kind: 'return', replySerial: 7 });
    expect(model.asked).toEqual([]);
    expect(after.asked).toHaveLength(1);
  });

  test('names every descriptor that must stay open', async () => {
    const { server, client } = serve();
    await client();
    await client();
    await expect.poll(() => server.connections).toBe(2);
    const kept = server.handOver();
    expect(keptDescriptors([kept])).toEqual([kept.listener, ...kept.clients.map(({ fd }) => fd)]);
    expect(kept.clients).toHaveLength(2);
    createServer(new FakeModel(), { address: kept.address, kept }).close();
  });

  test('goes on to tell the journal to who follows it', async () => {
    const listeners: ((line: string) => void)[] = [];
    const model = (): FakeModel =>
      Object.assign(new FakeModel(), {
        journal: {
          tail: () => [],
          follow: (_: unknown, listener: (line: string) => void) => {
            listeners.push(listener);
            return () => {};
          },
        },
      });
    const { server, client } = serve(model());
    const lines = (await client()).init1.followJournal({ job: 'web' });
    const line = lines.next();
    await expect.poll(() => listeners.length).toBe(1);
    next(server, model());
    listeners[1]?.('{"what":"x"}');
    expect((await line).value).toBe('{"what":"x"}');
  });
});

describe.skipIf(missingBus() !== undefined)('a place on a bus that is handed over', () => {
  test('keeps its names, answers who waited, and tells Restarted once', async () => {
    const bus = await new TestBus('session').start();
    onTestFinished(() => bus.stop());
    const options = { address: bus.address, title: 'test bus' };
    const before = new FakeModel().add('web');
    before.answering = () => {};
    const member = createBusMember(before, options);
    await member.join();
    const upstart = await connect({ bus: bus.address });
    onTestFinished(() => upstart.close());
    const started = (await upstart.job('web')).start();
    const events = upstart.events();
    await expect.poll(() => before.asked.length).toBe(1);
    // One that comes in the very moment: nobody has asked yet who it is.
    const other = await connect({ bus: bus.address });
    onTestFinished(() => other.close());
    const early = other.emit('early');
    const kept = JSON.parse(JSON.stringify(member.handOver()));
    const after = new FakeModel().add('web');
    const next = createBusMember(after, { ...options, kept, restarted: true });
    onTestFinished(() => next.close());
    expect(next.state).toBe('joined');
    after.awaited.get(1)?.({ ok: true, instance: instanceView('web').ref });
    expect(await started).toMatchObject({ path: '/com/ubuntu/Upstart/jobs/web/_' });
    await early;
    expect((await events.next()).value).toEqual({ kind: 'restarted' });
    expect(await upstart.version()).toBe('init (upstart 1.13.2)');
  });
});
