import { closeSync, openSync, readlinkSync } from 'node:fs';
import { acceptUnix, closeFd, listenUnix, receiveUnix, sendUnix } from '@maverick/spawner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../src/connect.js';
import type { CallMessage } from '../src/message.js';
import type { UpstartClient } from '../src/upstart-client.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { RawPeer } from './helpers/raw-peer.js';
import { type Serving, serve, uniqueAddress } from './helpers/serving.js';

const MANAGER = '/com/ubuntu/Upstart';
const UPSTART = 'com.ubuntu.Upstart0_6';

const emitWithFile = (client: UpstartClient, name: string, fd: number) =>
  client.rawCall(MANAGER, UPSTART, 'EmitEventWithFile', 'sasbh', [name, [], false, fd]);

const opened = (path: string): number => {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
};

test('descriptors go with the call that they belong to, however many calls leave together', async () => {
  const { model, client } = serve();
  const upstart = await client();
  // All before the authentication is over: nothing with a descriptor, or after it, may leave yet.
  await Promise.all([
    upstart.version(),
    emitWithFile(upstart, 'a', opened('/dev/null')),
    upstart.emit('b'),
    emitWithFile(upstart, 'c', opened('/dev/zero')),
  ]);
  await Promise.all([
    upstart.emit('d'),
    emitWithFile(upstart, 'e', opened('/dev/zero')),
    emitWithFile(upstart, 'f', opened('/dev/null')),
  ]);
  const got = (model.asked as { emit: { name: string; fds?: number[] } }[]).map(({ emit: { name, fds = [] } }) => {
    const files = fds.map((fd) => readlinkSync(`/proc/self/fd/${fd}`));
    for (const fd of fds) closeSync(fd);
    return [name, ...files];
  });
  expect(got).toEqual([['a', '/dev/null'], ['b'], ['c', '/dev/zero'], ['d'], ['e', '/dev/zero'], ['f', '/dev/null']]);
});

test('messages larger than the socket takes at once arrive whole, in order', async () => {
  const { model, client } = serve();
  const upstart = await client();
  const sizes = [3_000_000, 10, 5_000_000, 0, 70_000];
  await Promise.all(sizes.map((size) => upstart.emit('e', [`K=${'ü'.repeat(size)}`])));
  const got = (model.asked as { emit: { env: string[] } }[]).map(({ emit }) => (emit.env[0] ?? '').length - 2);
  expect(got).toEqual(sizes);
});

test('large answers to a client that reads slowly arrive whole', async () => {
  const { model, client } = serve();
  for (let i = 0; i < 2000; i++) model.add(`job-${i}-${'x'.repeat(200)}`);
  const upstart = await client();
  const lists = await Promise.all(Array.from({ length: 20 }, () => upstart.jobs()));
  expect(lists.map((jobs) => jobs.length)).toEqual(Array(20).fill(2000));
});

test('a client holds back what has descriptors until the server has agreed to them', async () => {
  // A server that reads its authentication without descriptors, as libdbus does, would lose them.
  const address = uniqueAddress();
  const listener = listenUnix(`@${address.slice('unix:abstract='.length)}`);
  onTestFinished(() => closeFd(listener));
  const client = await connect(address);
  onTestFinished(() => client.close());
  const fd = acceptUnix(listener) ?? -1;
  onTestFinished(() => closeFd(fd));
  const plain = client.version();
  const withFile = emitWithFile(client, 'a', opened('/dev/null'));
  const after = client.emit('b');
  for (const call of [plain, withFile, after]) call.catch(() => {});
  const buffer = Buffer.alloc(10_000);
  const arrived = (): { text: string; fds: number } => {
    const { bytes, fds } = receiveUnix(fd, buffer) ?? { bytes: 0, fds: [] };
    for (const got of fds) closeFd(got);
    return { text: buffer.toString('latin1', 0, bytes), fds: fds.length };
  };
  await new Promise(setImmediate);
  expect(arrived()).toEqual({ text: expect.stringMatching(/^\0AUTH.*BEGIN\r\n.*Get(?!.*EmitEvent)/s), fds: 0 });
  sendUnix(fd, Buffer.from('OK 1234\r\nAGREE_UNIX_FD\r\n'));
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(arrived()).toEqual({ text: expect.stringMatching(/EmitEventWithFile.*EmitEvent/s), fds: 1 });
});

describe('what a peer said before it went is heard, and nobody is warned', () => {
  const EMPTY = { kind: 'call', path: MANAGER, interface: UPSTART, noReply: false, signature: '', body: [] } as const;
  const GET_ALL_JOBS: CallMessage = { ...EMPTY, member: 'GetAllJobs' };
  const emit = (name: string): CallMessage => ({
    ...EMPTY,
    member: 'EmitEvent',
    noReply: true,
    signature: 'sasb',
    body: [name, [], false],
  });
  /** More than the server receives at once. */
  const LAST_WORDS = [emit('a'), emit('x'.repeat(100_000)), emit('b')];

  const signal = ({ model }: Serving): void =>
    model.notify({ kind: 'state-changed', instance: instanceView('web').ref, from: 'waiting', to: 'starting' });

  const silentPeer = async ({ address }: Serving): Promise<RawPeer> => {
    const peer = new RawPeer(address);
    await peer.greet();
    peer.stopReading();
    return peer;
  };

  const speakAndGo = (peer: RawPeer): void => {
    peer.sendMessages(...LAST_WORDS);
    peer.close();
  };

  const expectHeard = async ({ server, model, warnings }: Serving, others = 0): Promise<void> => {
    while (server.connections > others) await new Promise(setImmediate);
    expect(model.asked).toMatchObject(LAST_WORDS.map(({ body: [name] }) => ({ emit: { name } })));
    expect(warnings).toEqual([]);
  };

  test('though it left something unread', async () => {
    const serving = serve();
    const peer = await silentPeer(serving);
    signal(serving);
    // The signal has left at the end of the turn.
    await new Promise(setImmediate);
    speakAndGo(peer);
    await expectHeard(serving);
  });

  test('though the daemon speaks to it before reading', async () => {
    const serving = serve();
    const peer = await silentPeer(serving);
    speakAndGo(peer);
    signal(serving);
    await expectHeard(serving);
  });

  test('though it was not read because its answers piled up', async () => {
    const serving = serve(new FakeModel(), { limits: { pauseBytes: 0 } });
    for (let i = 0; i < 5000; i++) serving.model.add(`job-${i}-${'x'.repeat(200)}`);
    const peer = await silentPeer(serving);
    peer.sendMessages(GET_ALL_JOBS);
    const other = await serving.client();
    await other.version();
    peer.sendMessages(...LAST_WORDS);
    await other.version();
    expect(serving.model.asked).toEqual([]);
    peer.close();
    await expectHeard(serving, 1);
  });
});
