import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect as connectNet } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeFd, connectSocket, sendUnix } from '@maverick/spawner';
import { expect, onTestFinished, test } from 'vitest';
import { SettingError } from '../src/bridge.js';
import { localBridgeWith, readLocalSettings } from '../src/local-bridge.js';
import { FakeDaemon } from './helpers/fake-daemon.js';
import { Scene, SOON } from './helpers/scene.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: only root can be another user');

const start = (path?: string, anyUser = false) => {
  const home = mkdtempSync(join(tmpdir(), 'maverick-local-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const at = path ?? join(home, 'socket');
  const daemon = new FakeDaemon();
  const bridge = localBridgeWith({ event: 'local', path: at, anyUser }).make(daemon);
  onTestFinished(() => bridge.close(false));
  bridge.follow([]);
  return { at, daemon };
};

const [UID, GID] = [process.getuid?.(), process.getgid?.()];
const fixed = (at: string, variant = 'named') =>
  `SOCKET_TYPE=unix SOCKET_VARIANT=${variant} CLIENT_UID=${UID} CLIENT_GID=${GID} CLIENT_PID=${process.pid} SOCKET_PATH=${at}`;

test('each line is an event, in whatever pieces it comes; the last one needs no end', async () => {
  const { at, daemon } = start();
  const client = connectNet(at);
  client.write('one=1\r\nt');
  await expect.poll(() => daemon.told, SOON).toEqual([`${fixed(at)} one=1`]);
  client.write('wo=2');
  client.write('\n\nnothing\n=x\nSOCKET_PATH=/forged\nthree=a=b');
  client.end();
  await expect.poll(() => daemon.told.slice(1), SOON).toEqual([`${fixed(at)} two=2`, `${fixed(at)} three=a=b`]);
});

test('an abstract name of exact length', async () => {
  const at = `@maverick-local-${process.pid}`;
  const { daemon } = start(at);
  const fd = connectSocket({ family: 'unix', path: at });
  sendUnix(fd, Buffer.from('a=b\n'));
  closeFd(fd);
  await expect.poll(() => daemon.told, SOON).toEqual([`${fixed(at, 'abstract')} a=b`]);
});

test('the file of the socket goes with the bridge', () => {
  const at = join(tmpdir(), `maverick-local-${process.pid}`);
  const bridge = localBridgeWith({ event: 'local', path: at, anyUser: false }).make(new FakeDaemon());
  expect(existsSync(at)).toBe(true);
  bridge.close(false);
  expect(existsSync(at)).toBe(false);
});

test('a line without end ends the connection, and others are served', async () => {
  const { at, daemon } = start();
  const hostile = connectNet(at);
  hostile.on('error', () => {});
  hostile.write('x'.repeat(1_000_000));
  await new Promise((resolve) => hostile.once('close', resolve));
  connectNet(at).end('a=b');
  await expect.poll(() => daemon.told, SOON).toEqual([`${fixed(at)} a=b`]);
});

const asNobody = async (at: string) => {
  const code = `require('node:net').connect(${JSON.stringify(at)}).end('a=b').on('error',()=>{})`;
  const { PATH } = process.env;
  const words = ['--reuid=65534', '--clear-groups', process.execPath, '-e', code];
  await once(spawn('setpriv', words, { env: { PATH }, stdio: 'ignore' }), 'exit');
};

test.skipIf(!isRoot).each([
  { anyUser: false, told: 0 },
  { anyUser: true, told: 1 },
])('another user is heard $told times where any user is $anyUser', async ({ anyUser, told }) => {
  const at = `/tmp/maverick-local-${process.pid}-${anyUser}`;
  const { daemon } = start(at, anyUser);
  await asNobody(at);
  connectNet(at).end('end=1');
  await expect.poll(() => daemon.told.at(-1), SOON).toContain('end=1');
  expect(daemon.told.filter((text) => text.includes('CLIENT_UID=65534'))).toHaveLength(told);
  expect(daemon.said.filter((text) => /uid 65534/.test(text))).toHaveLength(1 - told);
});

const DIST = join(import.meta.dirname, '../dist/local-bridge.js');

test.skipIf(!isRoot)('root is heard by a bridge that another user runs', async () => {
  const path = `@maverick-nobody-${process.pid}`;
  const code = `import { localBridgeWith } from ${JSON.stringify(DIST)};
    const tell = async ({ env }) => console.log(env.join(' '));
    const daemon = { tell, report: (_, message) => console.log(message) };
    const kind = localBridgeWith({ event: 'x', path: ${JSON.stringify(path)}, anyUser: false });
    kind.make(daemon).follow([]);
    console.log('ready');`;
  const words = ['--reuid=65534', '--clear-groups', process.execPath, '--input-type=module', '-e', code];
  const { PATH } = process.env;
  const bridge = spawn('setpriv', words, { env: { PATH }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const gone = once(bridge, 'exit');
    bridge.kill();
    await gone;
  });
  let said = '';
  bridge.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await expect.poll(() => said, SOON).toBe('ready\n');
  const fd = connectSocket({ family: 'unix', path });
  sendUnix(fd, Buffer.from('a=b'));
  closeFd(fd);
  await expect.poll(() => said, SOON).toMatch(/ CLIENT_UID=0 .* a=b\n$/);
});

test('a property of Android starts a job', async () => {
  const path = `@maverick-properties-${process.pid}`;
  const scene = await Scene.start({
    bridge: 'local',
    options: ['--event', 'android', '--path', path],
    jobs: {
      booted: 'start on android sys.boot_completed=1\ntask\nexec sh -c "echo $SOCKET_VARIANT >> @HOME@/out"',
    },
  });
  const fd = connectSocket({ family: 'unix', path });
  sendUnix(fd, Buffer.from('sys.boot_completed=0\nsys.boot_completed=1\n'));
  closeFd(fd);
  await expect.poll(() => scene.read('out'), SOON).toBe('abstract\n');
});

test.each([
  { own: [], message: /Must specify event name/ },
  { own: [['--event', 'x']], message: /Must specify socket path/ },
  {
    own: [
      ['--event', 'x'],
      ['--path', 'y'],
    ],
    message: /Invalid path y/,
  },
  {
    own: [
      ['--event', 'x'],
      ['--path', `/${'y'.repeat(200)}`],
    ],
    message: /Path too long/,
  },
] as const)('$message', ({ own, message }) => {
  const read = () => readLocalSettings(new Map(own as readonly (readonly [string, string])[]));
  expect(read).toThrow(SettingError);
  expect(read).toThrow(message);
});
