import { openSync } from 'node:fs';
import { closeFd } from '@maverick/spawner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBusMember } from '../src/bus-member.js';
import { connect } from '../src/connect.js';
import type { CallMessage } from '../src/message.js';
import { encode } from '../src/wire.js';
import { missingBus, TestBus } from './helpers/bus.js';
import { FakeModel } from './helpers/fake-model.js';
import { stubOnBus } from './helpers/stub-on-bus.js';

const NAME = 'com.ubuntu.Upstart';
const missing = missingBus();

const call = (member: string, signature: string, body: CallMessage['body']): CallMessage => ({
  kind: 'call',
  destination: NAME,
  path: '/com/ubuntu/Upstart',
  interface: 'com.ubuntu.Upstart0_6',
  member,
  noReply: true,
  signature,
  body,
});

const stage = async () => {
  const bus = await new TestBus('session').start();
  onTestFinished(() => bus.stop());
  const model = new FakeModel();
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const member = createBusMember(model, { address: bus.address, title: 'test bus', onWarning });
  onTestFinished(() => member.close());
  await member.join();
  const peer = await stubOnBus(bus.address, {}, 'com.example.Peer');
  /** The daemon has stayed, and serves others. */
  const lives = async (): Promise<void> => {
    const upstart = await connect({ bus: bus.address });
    onTestFinished(() => upstart.close());
    expect(await upstart.version()).toBe(model.version);
    expect([member.state, warnings]).toEqual(['joined', []]);
  };
  return { model, peer, lives };
};

describe.skipIf(missing)(`on a bus, others${missing === undefined ? '' : ` (${missing})`}`, () => {
  test('may send what is far too large to be looked into', async () => {
    const { peer, lives } = await stage();
    const name = 'x'.repeat(9 * 1024 * 1024);
    const { kind, noReply, ...outgoing } = call('GetJobByName', 's', [name]);
    await expect(peer.connection.call(outgoing)).rejects.toThrow(
      /^message of 94\d{5} bytes, at most 8388608 are looked into$/,
    );
    await lives();
  });

  test('may send descriptors that nobody asked for, and go before it is known who they are', async () => {
    const { model, peer, lives } = await stage();
    const fd = openSync('/dev/null', 'r');
    onTestFinished(() => closeFd(fd));
    for (let count = 0; count < 10; count += 1) peer.connection.send(call('GetAllJobs', 'h', [fd]));
    peer.connection.send(call('EmitEventWithFile', 'sasbh', ['', [], false, fd]));
    peer.connection.close();
    await lives();
    expect(model.asked).toEqual([]);
  });

  test('may call again and again without reading', async () => {
    const { peer, lives } = await stage();
    for (let count = 0; count < 20_000; count += 1)
      peer.connection.send({ ...call('GetAllJobs', '', []), noReply: false });
    await lives();
  });

  test('may send signals and answers that nobody waits for', async () => {
    const { peer, lives } = await stage();
    const path = '/org/freedesktop/DBus';
    const changed = { interface: 'org.freedesktop.DBus', member: 'NameOwnerChanged', signature: 'sss' };
    peer.connection.send({ kind: 'signal', path, destination: NAME, ...changed, body: [NAME, ':1.0', ''] });
    peer.connection.send({ kind: 'return', destination: NAME, replySerial: 1, signature: '', body: [] });
    peer.connection.send({
      kind: 'error',
      destination: NAME,
      replySerial: 2,
      errorName: 'a.B',
      signature: 'i',
      body: [1],
    });
    await lives();
  });

  test('may send a message whose body is not as it says', async () => {
    const { peer, lives } = await stage();
    const { bytes } = encode(call('GetJobByName', 'u', [7]));
    bytes[bytes.indexOf('u\0', bytes.indexOf('GetJobByName'))] = 'h'.charCodeAt(0);
    for (let count = 0; count < 100; count += 1) peer.connection.sendEncoded({ bytes: Buffer.from(bytes), fds: [] });
    await lives();
  });
});
