import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync } from 'node:fs';
import { closeFd } from '@maverick/spawner';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import type { CallMessage } from '../src/message.js';
import { encode } from '../src/wire.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { GREETING, RawPeer } from './helpers/raw-peer.js';
import { type Serving, serve } from './helpers/serving.js';

const call = (member: string, more: Partial<CallMessage> = {}): CallMessage => ({
  kind: 'call',
  path: '/com/ubuntu/Upstart',
  interface: 'com.ubuntu.Upstart0_6',
  member,
  noReply: false,
  signature: '',
  body: [],
  ...more,
});

const emitWithFile = (fd: number): CallMessage =>
  call('EmitEventWithFile', { signature: 'sasbh', body: ['e', [], false, fd] });

const greeted = async ({ address }: Serving): Promise<RawPeer> => {
  const peer = new RawPeer(address);
  await peer.greet();
  return peer;
};

/** Somebody else is served as if nothing had been. */
const servesOthers = async ({ client, model }: Serving): Promise<void> => {
  expect(await (await client()).version()).toBe(model.version);
};

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe('a peer that sends rubbish is dropped, and nobody else notices', () => {
  const patched = (patch: (bytes: Buffer) => void): Buffer => {
    const { bytes } = encode(call('GetAllJobs'));
    patch(bytes);
    return bytes;
  };

  test.each<[what: string, bytes: string | Buffer, warning: string]>([
    ['no authentication at all', 'GET / HTTP/1.1\r\n\r\n', 'does not begin with a NUL byte'],
    ['messages instead of an authentication', `\0${'l\x01'.repeat(9000)}`, 'too long'],
    ['BEGIN before it may', '\0BEGIN\r\n', 'BEGIN before authentication'],
    ['one try after the other', `\0${'AUTH EXTERNAL 39393939\r\n'.repeat(20)}`, 'too many failed authentications'],
    ['text after the authentication', `${GREETING}${'hello, world '.repeat(3)}`, 'no byte order'],
    [
      'a message of 4 GiB',
      Buffer.concat([Buffer.from(GREETING), patched((b) => b.writeUInt32LE(0xfffffff0, 4))]),
      'at most 33554432 are accepted',
    ],
    [
      'a header of 4 GiB',
      Buffer.concat([Buffer.from(GREETING), patched((b) => b.writeUInt32LE(0xfffffff0, 12))]),
      'at most 33554432 are accepted',
    ],
    [
      'another protocol',
      Buffer.concat([Buffer.from(GREETING), patched((b) => b.writeUInt8(9, 3))]),
      'the protocol version is not 1',
    ],
    [
      'a message of type 0',
      Buffer.concat([Buffer.from(GREETING), patched((b) => b.writeUInt8(0, 1))]),
      'its type is 0',
    ],
    [
      'a descriptor that it does not send',
      Buffer.concat([Buffer.from(GREETING), encode(emitWithFile(3)).bytes]),
      'its descriptors did not come with it',
    ],
  ])('%s', async (_, bytes, warning) => {
    const serving = serve();
    const peer = new RawPeer(serving.address);
    peer.send(bytes);
    await peer.ended;
    await servesOthers(serving);
    expect(serving.warnings).toEqual([
      expect.stringMatching(new RegExp(`^Dropped the private connection of process ${process.pid}: .*${warning}`)),
    ]);
    expect(serving.model.asked).toEqual([]);
  });

  test('random bytes, before and after the authentication', async () => {
    const serving = serve();
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 300 }), async (first, bytes) => {
        const peer = new RawPeer(serving.address);
        if (!first) await peer.greet();
        peer.send(bytes);
        peer.close();
      }),
      { numRuns: 100 },
    );
    await servesOthers(serving);
  });

  test('a message that ends in the middle', async () => {
    const serving = serve();
    const peer = await greeted(serving);
    const { bytes } = encode(call('GetAllJobs'));
    peer.send(bytes.subarray(0, bytes.length - 3));
    peer.close();
    await servesOthers(serving);
  });

  test('more descriptors than a message may have', async () => {
    const serving = serve();
    const peer = await greeted(serving);
    const before = openDescriptors();
    const null_ = openSync('/dev/null', 'r');
    peer.send(
      'l',
      Array.from({ length: 200 }, () => null_),
    );
    closeFd(null_);
    await peer.ended;
    expect(serving.warnings[0]).toContain('too many descriptors wait for their message');
    expect(openDescriptors()).toBeLessThanOrEqual(before);
  });
});

describe('what a peer can cost is bounded', () => {
  test('an authentication has its time', async () => {
    const serving = serve(new FakeModel(), { limits: { authenticationMs: 20 } });
    const peer = new RawPeer(serving.address);
    peer.send('\0');
    await peer.ended;
    expect(serving.warnings[0]).toContain('the authentication takes too long');
  });

  test('connections that do not authenticate give way, the oldest first, to those that do', async () => {
    const serving = serve(new FakeModel(), { maxConnections: 3 });
    const first = await greeted(serving);
    const idle = Array.from({ length: 100 }, () => new RawPeer(serving.address));
    await servesOthers(serving);
    await Promise.all(idle.slice(0, -1).map(({ ended }) => ended));
    expect(serving.warnings).toEqual(
      Array(99).fill(
        `Dropped the private connection of process ${process.pid}: it has not authenticated, and 3 connections are open`,
      ),
    );
    await idle.at(-1)?.greet();
    first.sendMessages(call('GetAllJobs'));
    expect(await first.next()).toMatchObject({ kind: 'return' });
  });

  test('while half of the places are taken, an authentication has 5 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const serving = serve(new FakeModel(), { maxConnections: 4, maxConnectionsPerUser: 4 });
    const [early, other, late] = Array.from({ length: 3 }, () => new RawPeer(serving.address));
    await servesOthers(serving);
    vi.advanceTimersByTime(4999);
    expect(serving.warnings).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(serving.warnings).toEqual([expect.stringContaining('the authentication takes too long')]);
    await late?.ended;
    await Promise.all([early?.greet(), other?.greet()]);
  });

  test('a peer that does not read its answers is not read either, and keeps its connection', async () => {
    const serving = serve(new FakeModel().add('x'.repeat(1000)), { limits: { pauseBytes: 10_000 } });
    const peer = await greeted(serving);
    peer.stopReading();
    const { bytes } = encode(call('GetAllJobs'));
    const flood = Buffer.concat(Array.from({ length: 500 }, () => bytes));
    for (let sent = 1; sent > 0; ) {
      sent = peer.send(flood);
      await servesOthers(serving);
    }
    expect(serving.warnings).toEqual([]);
    expect(serving.server.connections).toBeGreaterThan(1);
  });

  test('a peer that does not read what it is told is dropped in the end', async () => {
    const serving = serve(new FakeModel(), { limits: { queuedBytes: 100_000 } });
    const peer = await greeted(serving);
    peer.stopReading();
    const { ref } = instanceView('web');
    while (serving.server.connections > 0) {
      for (let i = 0; i < 100; i++) {
        serving.model.notify({ kind: 'state-changed', instance: ref, from: 'waiting', to: 'starting' });
      }
      await new Promise(setImmediate);
    }
    expect(serving.warnings[0]).toContain('the peer does not read');
    await servesOthers(serving);
  });
});

describe('descriptors', () => {
  test('reach the daemon, which has to close them', async () => {
    const serving = serve();
    const peer = await greeted(serving);
    const fd = openSync('/dev/null', 'r');
    peer.sendMessages(emitWithFile(fd));
    closeFd(fd);
    expect(await peer.next()).toMatchObject({ kind: 'return' });
    const [asked] = serving.model.asked as { emit: { fds: number[] } }[];
    expect(asked?.emit).toMatchObject({ name: 'e', env: [], wait: false, fds: [expect.any(Number)] });
    for (const got of asked?.emit.fds ?? []) closeFd(got);
  });

  test('are closed when nobody took them', async () => {
    const serving = serve();
    const peer = await greeted(serving);
    const before = openDescriptors();
    const fd = openSync('/dev/null', 'r');
    peer.sendMessages(
      call('EmitEventWithFile', { signature: 'sasbh', body: ['', [], false, fd] }),
      call('NoSuch', { signature: 'h', body: [fd] }),
    );
    closeFd(fd);
    expect(await peer.next()).toMatchObject({ kind: 'error', body: ['Name may not be empty string'] });
    expect(await peer.next()).toMatchObject({ kind: 'error' });
    expect(openDescriptors()).toBe(before);
  });
});

describe('a well-behaved peer', () => {
  test('can say everything at once', async () => {
    const serving = serve();
    const peer = new RawPeer(serving.address);
    peer.send(Buffer.concat([Buffer.from(GREETING, 'latin1'), encode(call('GetAllJobs')).bytes]));
    await peer.until('AGREE_UNIX_FD\r\n');
    await servesOthers(serving);
  });

  test('hears nothing where it wants no answer', async () => {
    const serving = serve();
    const peer = await greeted(serving);
    peer.sendMessages(
      call('GetAllJobs', { noReply: true }),
      call('NoSuch', { noReply: true }),
      call('EmitEvent', { signature: 'sasb', body: ['e', [], true], noReply: true }),
      call('GetAllJobs'),
    );
    expect(await peer.next()).toMatchObject({ kind: 'return', replySerial: 4 });
    expect(serving.model.asked).toEqual([{ emit: { name: 'e', env: [], wait: true } }]);
  });

  test('hears signals and answers in the order in which things happened', async () => {
    const serving = serve();
    const { ref } = instanceView('web');
    serving.model.answering = (_, answer) => {
      serving.model.notify({ kind: 'state-changed', instance: ref, from: 'spawned', to: 'running' });
      answer({ ok: true });
      serving.model.notify({ kind: 'goal-changed', instance: ref, from: 'start', to: 'stop' });
    };
    const peer = await greeted(serving);
    peer.sendMessages(call('EmitEvent', { signature: 'sasb', body: ['e', [], true] }));
    expect(await peer.next()).toMatchObject({ kind: 'signal', member: 'StateChanged' });
    expect(await peer.next()).toMatchObject({ kind: 'return', replySerial: 1 });
    expect(await peer.next()).toMatchObject({ kind: 'signal', member: 'GoalChanged' });
  });

  test('need not name a destination, but may', async () => {
    const peer = await greeted(serve());
    peer.sendMessages(call('GetAllJobs', { destination: 'com.ubuntu.Upstart' }));
    expect(await peer.next()).toMatchObject({ kind: 'return', body: [[]] });
  });
});

/** Connects as one user after the other, tells how many have stayed in, and stays until its input ends. */
const CONNECT_AS_MANY = `
import os, socket, sys
kept = []
for uid in range(60001, 60021):
    os.seteuid(uid)
    s = socket.socket(socket.AF_UNIX)
    s.connect(bytes.fromhex(sys.argv[1]))
    os.seteuid(0)
    kept.append(s)
    try:
        s.sendall(b'\\0AUTH EXTERNAL ' + str(uid).encode().hex().encode() + b'\\r\\n')
        if s.recv(100):
            s.sendall(b'BEGIN\\r\\n')
    except ConnectionError:
        pass
def lives(s):
    s.setblocking(False)
    try:
        return s.recv(100) != b''
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
print(sum(map(lives, kept)), flush=True)
sys.stdin.read()
`;

test('users do not keep root out, however many they are', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs root, to become somebody else');
  const serving = serve(new FakeModel(), { admitsUsers: true, maxConnections: 16 });
  const name = Buffer.from(`\0${serving.address.slice('unix:abstract='.length)}`).toString('hex');
  const child = spawn('/usr/bin/python3', ['-c', CONNECT_AS_MANY, name], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.stdin.end());
  child.stdout.setEncoding('utf8');
  const [output] = await once(child.stdout, 'data');
  expect(output).toBe('12\n');
  for (let count = 0; count < 4; count += 1) await servesOthers(serving);
});

const OTHER_USER = 65534;
/** Connects twice and prints, for each, what becomes of it. */
const CONNECT_AS_OTHER = `
import socket, sys
for i in range(2):
    s = socket.socket(socket.AF_UNIX)
    s.connect(bytes.fromhex(sys.argv[1]))
    try:
        s.sendall(b'\\0AUTH EXTERNAL ' + b'65534'.hex().encode() + b'\\r\\n')
    except ConnectionError:
        pass # What was said before can be read all the same.
    print(s.recv(100).decode().strip())
`;

test("another user is told who may come and disconnected at once, takes nobody's place and is mentioned once", async ({
  skip,
}) => {
  if (process.getuid?.() !== 0) skip('needs root, to become somebody else');
  const serving = serve(new FakeModel(), { maxConnections: 1 });
  const idle = new RawPeer(serving.address);
  const name = Buffer.from(`\0${serving.address.slice('unix:abstract='.length)}`).toString('hex');
  const child = spawn('/usr/bin/python3', ['-c', CONNECT_AS_OTHER, name], {
    uid: OTHER_USER,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child, 'close');
  expect(output).toBe('ERROR "only root may use the private socket of this init daemon"\n'.repeat(2));
  expect(serving.warnings).toEqual([
    `Dropped the private connection of uid ${OTHER_USER}: only uid 0 and 0 are admitted`,
  ]);
  await idle.greet();
});
