import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { connect as connectNet, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { bothWays, freePort, freeze, Scene, SOON } from './helpers/scene.js';

/** Sockets are kept while the bridge is another one, and connections while the daemon is. */

const connectTo = (port: number): Socket => {
  const socket = connectNet(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
};

const talk = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(socket, 'close');
  return text.trim();
};

const SERVER = `exec ${process.execPath} -e 'require("node:net").createServer((socket)=>socket.end("served\\n")).listen({fd:3})'`;

const serving = (port: number) => `start on socket PROTO=inet PORT=${port}\n${SERVER}`;

test('a bridge that is killed: who waits meanwhile is served by the job that the next one starts', async () => {
  const port = await freePort();
  const scene = await Scene.start({ bridge: 'socket', jobs: { web: serving(port) } });
  const pid = await scene.bridgePid();
  await freeze(pid);
  const client = connectTo(port);
  await once(client, 'connect');
  const answer = talk(client);
  process.kill(pid, 'SIGKILL');
  expect(await answer).toBe('served');
  expect(await scene.bridgePid()).not.toBe(pid);
});

test('a bridge that is killed while the job runs: the socket is the same for the job and the next bridge', async () => {
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: { web: `start on socket PROTO=unix PATH=@HOME@/socket\n${SERVER}` },
  });
  const path = scene.path('socket');
  expect(await talk(connectNet(path))).toBe('served');
  const before = statSync(path).ino;
  process.kill(await scene.bridgePid(), 'SIGKILL');
  await scene.says(/Still listening at/);
  await scene.upstart.job('web').stop();
  expect(await talk(connectNet(path))).toBe('served');
  expect(statSync(path).ino).toBe(before);
});

bothWays('socket', (start, way) => {
  test('a restart changes nothing for who connects, and a stop ends it all', async () => {
    const scene = await start({ web: `start on socket PROTO=unix PATH=@HOME@/socket\n${SERVER}` });
    const path = scene.path('socket');
    const before = statSync(path).ino;
    if (way === 'inside') await scene.upstart.restart();
    else await scene.upstart.job('upstart-socket-bridge').restart();
    expect(statSync(path).ino).toBe(before);
    expect(await talk(connectNet(path))).toBe('served');
    await scene.reconnect();
    await scene.endBridge();
    expect(() => statSync(path)).toThrow('ENOENT');
  });
});

test('a job that runs without the socket that it asks for now: it is said how to have it served', async () => {
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: { web: `start on socket PROTO=unix PATH=@HOME@/socket\n${SERVER}` },
  });
  expect(await talk(connectNet(scene.path('socket')))).toBe('served');
  scene.write('web', `start on socket PROTO=unix PATH=@HOME@/other\n${SERVER}`);
  await scene.upstart.reloadConfiguration();
  await scene.says(/web runs already, without the socket stream \S*other: restart it/);
});

test('what no job asks for any more is not kept, and what is asked for in another way is made anew', async () => {
  const port = await freePort();
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: { web: serving(port), other: `start on socket PROTO=unix PATH=@HOME@/socket MODE=600\n${SERVER}` },
  });
  const path = scene.path('socket');
  const pid = await scene.bridgePid();
  await freeze(pid);
  scene.write('web', 'exec true');
  scene.write('other', `start on socket PROTO=unix PATH=@HOME@/socket MODE=640\n${SERVER}`);
  await scene.upstart.reloadConfiguration();
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => statSync(path).mode & 0o777, SOON).toBe(0o640);
  expect(await talk(connectNet(path))).toBe('served');
  await expect(once(connectTo(port), 'connect')).rejects.toThrow('ECONNREFUSED');
});

const socketsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')).length;

/** How many descriptors a process has of the socket that listens at a port. */
const listenersOf = (pid: number, port: number): number => {
  const row = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, , state]) => state === '0A' && local?.endsWith(`:${port.toString(16).toUpperCase()}`));
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${row?.[9]}]`)
    .length;
};

test.each([
  { title: 'one instance', job: 'exec echo "hello $CONNECTION"' },
  { title: 'an instance a connection', job: 'instance $CONNECTION\nexec echo "hello $CONNECTION"' },
])('ACCEPT=y, $title: a daemon that dies before it has taken the connection', async ({ job }) => {
  const port = await freePort();
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: { echo: `start on socket PROTO=inet PORT=${port} ACCEPT=y\n${job}` },
  });
  const bridge = await scene.bridgePid();
  const before = socketsOf(bridge);
  await freeze(scene.daemonPid);
  const answer = talk(connectTo(port));
  await expect.poll(() => socketsOf(bridge), SOON).toBe(before + 1);
  await scene.crash();
  expect(await answer).toBe('hello 1');
  expect(await scene.bridgePid()).toBe(bridge);
});

test('ACCEPT=y: a daemon that dies after it has started the job serves the connection once', async () => {
  const port = await freePort();
  const scene = await Scene.start({
    bridge: 'socket',
    jobs: {
      echo: `start on socket PROTO=inet PORT=${port} ACCEPT=y\nexec sh -c 'echo $CONNECTION >> @HOME@/runs; exec cat'`,
    },
  });
  const client = connectTo(port);
  await expect.poll(() => scene.read('runs'), SOON).toBe('1\n');
  await scene.crash();
  await scene.says(/Connected to Upstart again/);
  client.end('said\n');
  expect(await talk(client)).toBe('said');
  expect(await talk(connectTo(port).end())).toBe('');
  expect(scene.read('runs')).toBe('1\n2\n');
});

test('a bridge that is killed after the daemon was: what it has is kept by the new daemon, too', async () => {
  const port = await freePort();
  const scene = await Scene.start({ bridge: 'socket', jobs: { web: serving(port) } });
  await scene.crash();
  await scene.says(/Connected to Upstart again/);
  const pid = await scene.bridgePid();
  // Each socket goes to the daemon by a message of its own; the daemon has it when it has read it.
  await expect.poll(() => listenersOf(scene.daemonPid, port), SOON).toBe(1);
  await freeze(pid);
  const client = connectTo(port);
  await once(client, 'connect');
  const answer = talk(client);
  process.kill(pid, 'SIGKILL');
  expect(await answer).toBe('served');
});
