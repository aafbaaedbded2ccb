import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as connectNet, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closeFd, connectSocket, findKnownGroup, findKnownUser, listenSocket } from '@maverick/spawner';
import { expect, onTestFinished, test } from 'vitest';
import { C_CLIENT, C_SERVER, compileC } from './helpers/native.js';
import { bothWays, freePort, freeze, SOON } from './helpers/scene.js';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'maverick-sockets-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

const python = (code: string) => `script\nexec python3 -c '${code}'\nend script`;

const textFrom = async (to: { readonly port: number } | { readonly path: string }): Promise<string> => {
  const socket = 'path' in to ? connectNet(to.path) : connectNet(to.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(socket, 'close');
  return text;
};

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('skipped: OWNER and GROUP of sockets, which need root');

bothWays('socket', (start) => {
  test.each([
    { proto: 'inet', type: 'udp4', host: '127.0.0.1' },
    { proto: 'inet6', type: 'udp6', host: '::1' },
  ] as const)('UDP, $proto: the job finds the datagram that has started it', async ({ proto, type, host }) => {
    const port = await freePort(host);
    const scene = await start({
      sink: `start on socket PROTO=${proto} TYPE=dgram ADDR=${host} PORT=${port}\n${python('import socket\nprint(socket.socket(fileno=3).recv(100).decode())')}`,
    });
    const client = createSocket(type);
    onTestFinished(() => {
      client.close();
    });
    client.send('by UDP', port, host);
    await expect.poll(() => scene.output('sink'), SOON).toContain('by UDP');
  });

  test('an abstract name from a client in C, which says exactly its bytes', async () => {
    const dir = folder();
    const name = `maverick-c-${process.pid}-${Date.now()}`;
    const [server, client] = [compileC(dir, 'server', C_SERVER), compileC(dir, 'client', C_CLIENT)];
    await start({ abstract: `start on socket PROTO=unix SOCKET_PATH=@${name}\nexec ${server} 0` });
    expect((await promisify(execFile)(client, [name])).stdout).toBe('x');
  });

  test.runIf(isRoot)('OWNER, GROUP and MODE are those of the file, names or numbers', async () => {
    const scene = await start({
      names: 'start on socket PROTO=unix PATH=@HOME@/names OWNER=nobody GROUP=nogroup MODE=0620\nexec true',
      numbers: 'start on socket PROTO=unix PATH=@HOME@/numbers OWNER=12345 GROUP=54321 MODE=600\nexec true',
    });
    expect(statSync(scene.path('names'))).toMatchObject({
      uid: findKnownUser('nobody')?.uid,
      gid: findKnownGroup('nogroup'),
    });
    expect(statSync(scene.path('names')).mode & 0o777).toBe(0o620);
    expect(statSync(scene.path('numbers'))).toMatchObject({ uid: 12_345, gid: 54_321 });
    expect(statSync(scene.path('numbers')).mode & 0o777).toBe(0o600);
  });

  test('a stale file is replaced; one where somebody listens, or that is no socket, is left alone', async () => {
    const dir = folder();
    const [stale, taken, plain] = ['stale', 'taken', 'plain'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    closeFd(listenSocket({ address: { family: 'unix', path: stale } }));
    const other = createServer((socket) => {
      // Who only looks whether somebody answers goes at once.
      socket.on('error', () => {}).end('other');
    }).listen(taken);
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    writeFileSync(plain, 'precious');
    const job = (path: string) =>
      `start on socket PROTO=unix PATH=${path}\n${python('import socket\ns=socket.socket(fileno=3)\nc,_=s.accept()\nc.send(b"ours")')}`;
    const scene = await start({ stale: job(stale), taken: job(taken), plain: job(plain) });
    await scene.says(/Failed to bind socket in taken/);
    await scene.says(/Failed to bind socket in plain/);
    expect([await textFrom({ path: stale }), await textFrom({ path: taken })]).toEqual(['ours', 'other']);
    await scene.endBridge();
    expect([stale, taken, plain].map((path) => existsSync(path))).toEqual([false, true, true]);
  });

  test('BACKLOG bounds how many wait', async () => {
    const scene = await start({
      deaf: 'start on socket PROTO=unix PATH=@HOME@/socket BACKLOG=1\nexec sleep 1000',
    });
    const connect = () => {
      const fd = connectSocket({ family: 'unix', path: scene.path('socket') });
      onTestFinished(() => closeFd(fd));
    };
    // The kernel lets one more than that wait.
    connect();
    connect();
    expect(connect).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });

  test('jobs that serve one connection each and end are started for as many as come, without a pause', async () => {
    const server = compileC(folder(), 'server', C_SERVER);
    const scene = await start({ once: `start on socket PROTO=unix PATH=@HOME@/socket\nexec ${server}` });
    for (let index = 0; index < 15; index++) expect(await textFrom({ path: scene.path('socket') })).toBe('x');
    expect(scene.said).not.toContain('looking again');
  });

  test('ten connections at once to each of 20 sockets, whose servers are killed after each third: none is refused or lost', async () => {
    const server = compileC(folder(), 'server', C_SERVER);
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const scene = await start(
      Object.fromEntries(
        names.map((name) => [
          name,
          `start on socket PROTO=unix PATH=@HOME@/${name}\nrespawn\nrespawn limit unlimited\nexec ${server} 3`,
        ]),
      ),
    );
    const all = Array.from({ length: 10 }, () => names.map((name) => textFrom({ path: scene.path(name) }))).flat();
    expect((await Promise.all(all)).filter((text) => text !== 'x')).toEqual([]);
  });

  test.each([
    { what: 'a restart of the job', act: 'restart' },
    { what: 'a daemon that executes itself anew, and the end of the job after that', act: 're-exec' },
    { what: 'a change of the configuration, and the end of the job after that', act: 'reload' },
  ] as const)('who waits while the job can not serve is served after $what', async ({ act }) => {
    const port = await freePort();
    const server = compileC(folder(), 'server', C_SERVER);
    const text = `start on socket PROTO=inet PORT=${port}\nrespawn\nkill signal KILL\nexec ${server} 0`;
    const scene = await start({ web: text });
    expect(await textFrom({ port })).toBe('x');
    const pid = (await scene.mainPid('web')) ?? Number.NaN;
    await freeze(pid);
    const answer = textFrom({ port });
    const acts = {
      restart: () => scene.upstart.job('web').restart(),
      're-exec': () => scene.upstart.restart(),
      reload: () => {
        scene.write('web', `description "another"\n${text}`);
        return scene.upstart.reloadConfiguration();
      },
    };
    await acts[act]();
    if (act !== 'restart') process.kill(pid, 'SIGKILL');
    expect(await answer).toBe('x');
    await scene.reconnect();
    expect(await scene.mainPid('web')).not.toBe(pid);
  });
});
