import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../src/connect.js';
import { createServer } from '../src/server.js';
import { FakeModel } from './helpers/fake-model.js';
import { RawPeer } from './helpers/raw-peer.js';
import { serve, uniqueAddress } from './helpers/serving.js';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'maverick-dbus-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const version = async (address: string): Promise<string> => {
  const client = await connect(address);
  onTestFinished(() => client.close());
  return client.version();
};

test('an abstract name has exactly its length', async () => {
  const { address } = serve();
  expect(await version(address)).toBe('init (upstart 1.13.2)');
  const names = readFileSync('/proc/net/unix', 'latin1').split('\n');
  expect(names.some((line) => line.endsWith(` @${address.slice('unix:abstract='.length)}`))).toBe(true);
});

test('a path is listened on, and removed at the end', async () => {
  const path = join(folder(), 'socket');
  const server = createServer(new FakeModel(), { address: `unix:path=${path}` });
  const client = await connect(server.address);
  expect(await client.version()).toBe('init (upstart 1.13.2)');
  server.close();
  await client.closed;
  expect(existsSync(path)).toBe(false);
});

test('unix:runtime=yes is the socket of the runtime directory', async () => {
  const runtime = folder();
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = createServer(new FakeModel(), { address: 'unix:runtime=yes' });
  onTestFinished(() => server.close());
  expect(server.address).toBe(`unix:path=${runtime}/bus`);
  expect(await version(server.address)).toBe('init (upstart 1.13.2)');
  // Clients need not know the place by itself, and other keys are passed over.
  expect(await version(`${server.address},guid=0123456789abcdef0123456789abcdef`)).toBe('init (upstart 1.13.2)');
});

test.each([undefined, 'relative'])('there is no runtime directory %s', (runtime) => {
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(() => createServer(new FakeModel(), { address: 'unix:runtime=yes' })).toThrowError(
    expect.objectContaining({ name: 'org.freedesktop.DBus.Error.BadAddress' }),
  );
});

test('of several addresses, the first that works is listened on', async () => {
  const { address } = serve();
  const other = uniqueAddress();
  const server = createServer(new FakeModel(), { address: `${address};${other}` });
  onTestFinished(() => server.close());
  expect(server.address).toBe(other);
});

test('one user can not have all places', async () => {
  const { warnings, client } = serve(new FakeModel(), { maxConnections: 8 });
  const six = await Promise.all(Array.from({ length: 6 }, () => client()));
  await Promise.all(six.map((one) => one.version()));
  await expect((await client()).version()).rejects.toMatchObject({ name: 'org.freedesktop.DBus.Error.Disconnected' });
  expect(warnings).toEqual(['Dropped a private connection: 6 are open']);
});

test('without a free descriptor, who comes is turned away at once, and served when there is one again', async () => {
  const address = uniqueAddress();
  const fixture = join(import.meta.dirname, 'fixtures/few-descriptors.mjs');
  const limited = `ulimit -n 256; exec "${process.execPath}" "${fixture}" "${address}"`;
  const server = spawn('/bin/sh', ['-c', limited], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const closed = once(server, 'close');
    if (server.kill('SIGKILL')) await closed;
  });
  const lines: string[] = [];
  const listening = new Promise<void>((resolve) => {
    createInterface(server.stdout).on('line', (line) => {
      lines.push(line);
      if (line === 'listening') resolve();
    });
  });
  await listening;
  const peers = Array.from({ length: 60 }, () => new RawPeer(address));
  // The last of them finds nothing free for sure.
  await peers.at(-1)?.ended;
  expect(lines).toContainEqual(
    expect.stringMatching(/^Unable to accept a private connection: .*[Tt]oo many open files/),
  );
  const before = lines.length;
  for (const peer of peers) peer.close();
  await expect.poll(() => version(address).catch(() => ''), { timeout: 60_000 }).toBe('init (upstart 1.13.2)');
  expect(lines.length - before).toBeLessThan(5);
});
