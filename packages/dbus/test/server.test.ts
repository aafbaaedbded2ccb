import type { Reply } from '@maverick/engine';
import { expect, test } from 'vitest';
import { connect } from '../src/connect.js';
import { createServer } from '../src/server.js';
import { serve } from './helpers/serving.js';
import { webModel } from './helpers/web-model.js';

test('an answer may come late, and other calls need not wait for it', async () => {
  const { model: fake, client } = serve(webModel());
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
  expect(() => createServer(webModel(), { address })).toThrowError(
    expect.objectContaining({ name: 'org.freedesktop.DBus.Error.AddressInUse' }),
  );
});

test('closing ends every connection and every wait', async () => {
  const { model: fake, server, client } = serve(webModel());
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
  const { warnings, client } = serve(webModel(), { maxConnections: 1 });
  const first = await client();
  await first.version();
  await expect((await client()).version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Disconnected' });
  expect(warnings).toEqual(['Dropped a private connection: 1 are open']);
  expect(await first.version()).toBe('init (upstart 1.13.2)');
});
