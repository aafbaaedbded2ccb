import { expect, onTestFinished, test } from 'vitest';
import type { CallMessage } from '../src/message.js';
import { createServer } from '../src/server.js';
import { type Party, TURN_BITS, Turns, type Work } from '../src/turns.js';
import { FakeModel } from './helpers/fake-model.js';
import { RawPeer } from './helpers/raw-peer.js';
import { serve, uniqueAddress } from './helpers/serving.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns by a clock that stands still unless it is set, with what was done in them. */
const stage = () => {
  const clock = { ms: 0 };
  const done: string[] = [];
  const turns = new Turns(() => clock.ms);
  /** So many bits of work; what each of them does beside being noted. */
  const line = (party: Party, name: string, count: number, also: () => void = () => {}): void => {
    let left = count;
    const work: Work = {
      next: () => {
        done.push(name);
        also();
        left -= 1;
        return left > 0;
      },
    };
    turns.add(party, work);
  };
  return { turns, clock, done, line };
};

test('each party has its turn, however much of its work is in line', async () => {
  const { done, line } = stage();
  for (const name of ['a1', 'a2', 'a3']) line('a', name, 3);
  line('b', 'b', 2);
  await nextTurn();
  expect(done).toEqual(['a1', 'b', 'a2', 'b', 'a3', 'a1', 'a2', 'a3', 'a1', 'a2', 'a3']);
});

test('others have theirs after so much of it', async () => {
  const { done, line } = stage();
  for (let index = 0; index < 60; index += 1) line('a', 'a', 100);
  await nextTurn();
  expect(done).toHaveLength(TURN_BITS);
  await nextTurn();
  expect(done).toHaveLength(2 * TURN_BITS);
});

test('or after so much time', async () => {
  const { clock, done, line } = stage();
  line('a', 'a', 10, () => {
    clock.ms += 2;
  });
  await nextTurn();
  expect(done).toHaveLength(2);
  while (done.length < 10) await nextTurn();
});

test('one bit of work is done in any case, and what fails keeps nobody from their turn', async () => {
  const { turns, clock, done, line } = stage();
  const failed = new Promise((resolve) => process.once('uncaughtExceptionMonitor', resolve));
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').once('uncaughtException', () => {});
  turns.add('a', {
    next: () => {
      throw new Error('a bug');
    },
  });
  line('b', 'b', 2, () => {
    clock.ms += 100;
  });
  await failed;
  for (const listener of others) process.on('uncaughtException', listener);
  while (done.length < 2) await nextTurn();
});

const emit = (name: string): CallMessage => ({
  kind: 'call',
  path: '/com/ubuntu/Upstart',
  interface: 'com.ubuntu.Upstart0_6',
  member: 'EmitEvent',
  noReply: true,
  signature: 'sasb',
  body: [name, [], false],
});

test("calls of users keep nobody's waiting, on however many connections, and all are taken in order", async () => {
  const model = new FakeModel();
  const users = serve(model, { session: 'user:alice' });
  const root = serve(model);
  const peers = Array.from({ length: 60 }, () => new RawPeer(users.address));
  await Promise.all(peers.map((peer) => peer.greet()));
  const client = await root.client();
  await client.version();
  const names = Array.from({ length: 200 }, (_, index) => `e${index}`);
  for (const peer of peers) peer.sendMessages(...names.map(emit));
  await client.version();
  expect(model.asked.length).toBeLessThan(5 * TURN_BITS);
  await expect.poll(() => model.asked.length, { timeout: 60_000 }).toBe(60 * 200);
  const emitted = model.asked.map((asked) => (asked as { emit: { name: string } }).emit.name);
  for (let index = 1; index < 200; index += 1) {
    expect(emitted.lastIndexOf(`e${index - 1}`)).toBeLessThan(emitted.lastIndexOf(`e${index}`));
  }
});

test('what waits for its turn is handed over, and taken once', async () => {
  const model = new FakeModel();
  const { server, address } = serve(model, { session: 'user:alice' });
  const peer = new RawPeer(address);
  await peer.greet();
  peer.sendMessages(...Array.from({ length: 1000 }, (_, index) => emit(`e${index}`)));
  await expect.poll(() => model.asked.length, { interval: 1 }).toBeGreaterThan(0);
  const before = model.asked.length;
  expect(before).toBeLessThan(1000);
  const kept = JSON.parse(JSON.stringify(server.handOver()));
  const after = createServer(model, { address: uniqueAddress(), kept, session: 'user:alice' });
  onTestFinished(() => after.close());
  await expect.poll(() => model.asked.length, { timeout: 60_000 }).toBe(1000);
  await nextTurn();
  expect(model.asked.map((asked) => (asked as { emit: { name: string } }).emit.name)).toEqual(
    Array.from({ length: 1000 }, (_, index) => `e${index}`),
  );
});
