import { closeSync, openSync, readlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { UpstartClient } from '../src/upstart-client.js';
import { serve } from './helpers/serving.js';

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
