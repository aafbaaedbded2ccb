import { once } from 'node:events';
import { constants, existsSync, readFileSync, statSync } from 'node:fs';
import { connect as connectNet, type Socket } from 'node:net';
import { closeFd, connectSocket, receiveUnix, sendUnix } from '@maverick/spawner';
import { expect, onTestFinished, test } from 'vitest';
import { bothWays, freePort, SOON } from './helpers/scene.js';

/** A server that answers each connection with its pid and a word from its environment, then goes on. */
const SERVER = (word: string) =>
  `const {createServer}=require("node:net");` +
  `for (const fd of process.env.UPSTART_FDS.split(" ").map(Number)) ` +
  `createServer((socket)=>socket.end(process.pid+" "+${word}+"\\n")).listen({fd});`;
const serve = (word = 'process.env.PROTO') => `exec ${process.execPath} -e '${SERVER(word)}'`;

const talk = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await once(socket, 'close');
  return text.trim();
};

/** What a server says to whoever connects. */
const ask = (to: { readonly port: number; readonly host?: string } | { readonly path: string }): Promise<string> =>
  talk('path' in to ? connectNet(to.path) : connectNet(to.port, to.host ?? '127.0.0.1'));

const readAll = async (fd: number): Promise<string> => {
  const buffer = Buffer.alloc(100);
  let text = '';
  await expect
    .poll(() => {
      const got = receiveUnix(fd, buffer);
      if (got !== undefined) text += buffer.toString('utf8', 0, got.bytes);
      return text;
    }, SOON)
    .not.toBe('');
  return text;
};

const python = (code: string) => `exec python3 -c '${code}'`;

bothWays('socket', (start) => {
  test('a display server is started by the first connection to its socket', async () => {
    const scene = await start({
      display: `start on socket PATH=@HOME@/X11/X0 PROTO=unix MODE=660\n${serve('process.env.SOCKET_PATH')}`,
    });
    const path = scene.path('X11/X0');
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await scene.state('display')).toBe('');
    const answer = await ask({ path });
    const pid = await scene.mainPid('display');
    expect(answer).toBe(`${pid} ${path}`);
    expect(await ask({ path })).toBe(`${pid} ${path}`);
    await scene.endBridge();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    { proto: 'inet', host: '127.0.0.1', condition: 'PROTO=inet' },
    { proto: 'inet6', host: '::1', condition: 'ADDR=::1 PROTO=inet6' },
  ])('$proto: a server written for systemd finds its socket, in a job whose PATH is its own', async (row) => {
    const port = await freePort(row.host);
    await start({
      server: `start on socket PORT=${port} ${row.condition}\n${serve(
        '[process.env.LISTEN_PID==process.pid,process.env.LISTEN_FDS,process.env.LISTEN_FDNAMES,process.env.UPSTART_FD,process.env.PROTO,process.env.PORT]',
      )}`,
    });
    const pidAndRest = await ask({ port, host: row.host });
    expect(pidAndRest.split(' ')[1]).toBe(`true,1,socket,3,${row.proto},${port}`);
  });

  test('who waits while the job restarts, and who comes after it has ended, is served', async () => {
    const port = await freePort();
    const once = serve().replace('.listen({fd});', '.listen({fd});setTimeout(()=>{},1e9);');
    const scene = await start({ web: `start on socket PROTO=inet PORT=${port}\nrespawn\n${once}` });
    const [first] = (await ask({ port })).split(' ');
    process.kill(Number(first), 'SIGKILL');
    const [second] = (await ask({ port })).split(' ');
    expect(second).not.toBe(first);
    await scene.upstart.job('web').stop();
    const [third] = (await ask({ port })).split(' ');
    expect(Number(third)).toBe(await scene.mainPid('web'));
  });

  test('a connection that the job leaves waiting starts it again', async () => {
    const port = await freePort();
    // The first run ends without having accepted anybody.
    const text = `start on socket PROTO=inet PORT=${port}\ntask\nscript\n  echo run >> @HOME@/runs\n  test $(wc -l < @HOME@/runs) -ge 3 || exit 0\n  ${serve()}\nend script`;
    const scene = await start({ lazy: text });
    expect(await ask({ port })).toMatch(/^\d+ inet$/);
    expect(scene.read('runs')).toBe('run\nrun\nrun\n');
  });

  test('a server that waits in accept() goes on waiting when all are served', async () => {
    const port = await freePort();
    const code = python(
      'import socket\ns=socket.socket(fileno=3)\nwhile True:\n  c,_=s.accept()\n  c.send(b"served")\n  c.close()',
    );
    const scene = await start({ loop: `start on socket PROTO=inet PORT=${port}\nscript\n${code}\nend script` });
    expect(await ask({ port })).toBe('served');
    const pid = await scene.mainPid('loop');
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/3`, 'latin1'))?.[1] ?? '';
    expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0);
    expect(await ask({ port })).toBe('served');
    expect(await scene.mainPid('loop')).toBe(pid);
  });

  test('a job that wants two sockets gets both with the first connection to either', async () => {
    const [one, two] = [await freePort(), await freePort()];
    const scene = await start({
      both: `start on socket PROTO=inet PORT=${one} and socket PROTO=inet PORT=${two}\n${serve('process.env.LISTEN_FDS')}`,
    });
    const answers = [await ask({ port: two }), await ask({ port: one })];
    const pid = await scene.mainPid('both');
    expect(answers).toEqual([`${pid} 2`, `${pid} 2`]);
  });

  test('ACCEPT=y: one instance a connection, with its end as standard input and output, and no more than allowed', async () => {
    const port = await freePort();
    const scene = await start({
      echo: `start on socket PROTO=inet PORT=${port} ACCEPT=y MAX_CONNECTIONS=2\ninstance $REMOTE_ADDR:$REMOTE_PORT\nscript\n  echo "$REMOTE_ADDR $CONNECTION $UPSTART_FDS"\n  exec cat\nend script`,
    });
    const clients = [1, 2, 3].map(() => connectNet(port, '127.0.0.1'));
    onTestFinished(() => {
      for (const client of clients) client.destroy();
    });
    const texts = clients.map(() => '');
    for (const [index, client] of clients.entries()) {
      client.setEncoding('utf8').on('data', (piece: string) => {
        texts[index] += piece;
      });
    }
    const instances = async () => (await scene.upstart.job('echo').instances()).length;
    await expect.poll(instances, SOON).toBe(2);
    await expect.poll(() => texts.filter((text) => text !== '').length, SOON).toBe(2);
    const served = texts.findIndex((text) => text !== '');
    expect(texts[served]).toMatch(/^127\.0\.0\.1 [12] 3\n$/);
    clients[served]?.write('hello\n');
    await expect.poll(() => texts[served], SOON).toMatch(/3\nhello\n$/);
    clients[served]?.end();
    await expect.poll(() => texts.filter((text) => text !== '').length, SOON).toBe(3);
    expect(await instances()).toBe(2);
  });

  test('ACCEPT=y without an instance: one connection at a time, the others wait', async () => {
    const port = await freePort();
    const scene = await start({
      one: `start on socket PROTO=inet PORT=${port} ACCEPT=y\nexec sh -c 'echo $$ $CONNECTION; exec cat'`,
    });
    const clients = [1, 2, 3].map(() => connectNet(port, '127.0.0.1'));
    const answers = clients.map(talk);
    await expect.poll(() => scene.state('one'), SOON).toBe('running');
    for (const client of clients) client.end();
    expect((await Promise.all(answers)).map((answer) => answer.split(' ')[1]).sort()).toEqual(['1', '2', '3']);
  });

  test.each([
    {
      type: 'seqpacket',
      server: 's=socket.socket(fileno=3)\nc,_=s.accept()\nc.send(b"got "+c.recv(100))\nc.recv(1)',
    },
    { type: 'stream', server: 's=socket.socket(fileno=3)\nc,_=s.accept()\nc.send(b"got "+c.recv(100))\nc.recv(1)' },
  ] as const)('an abstract $type name of exact length', async ({ type, server }) => {
    const name = `@maverick-bridge-${process.pid}-${type}`;
    await start({
      raw: `start on socket PROTO=unix PATH=${name} TYPE=${type}\nscript\n${python(`import socket\n${server}`)}\nend script`,
    });
    const fd = connectSocket({ family: 'unix', path: name }, type);
    onTestFinished(() => closeFd(fd));
    sendUnix(fd, Buffer.from('hello'));
    expect(await readAll(fd)).toBe('got hello');
  });

  test('a datagram starts its receiver, which finds it', async () => {
    const scene = await start({
      sink: `start on socket PROTO=unix SOCKET_PATH=@HOME@/log TYPE=dgram\nscript\n${python('import socket\nprint(socket.socket(fileno=3).recv(100).decode())')}\nend script`,
    });
    const fd = connectSocket({ family: 'unix', path: scene.path('log') }, 'dgram');
    onTestFinished(() => closeFd(fd));
    sendUnix(fd, Buffer.from('a line'));
    await expect.poll(() => scene.output('sink'), SOON).toContain('a line');
  });

  test('a change of configuration, and a daemon that executes itself anew, lose neither the socket nor who waits there', async () => {
    const port = await freePort();
    const text = `start on socket PROTO=inet PORT=${port}\n${serve()}`;
    const scene = await start({ web: `# 1\n${text}` });
    scene.write('web', `# 2\ndescription "changed"\n${text}`);
    await scene.upstart.reloadConfiguration();
    // Nobody can be told while the daemon is stopped; the connection waits.
    const restarted = scene.upstart.restart();
    const answer = ask({ port });
    await restarted;
    expect(await answer).toMatch(/^\d+ inet$/);
    expect(scene.said.match(/Listening at/g)).toHaveLength(1);
  });

  test.each([
    { condition: 'PROTO=inet PORT=80*', message: /PORT=80\* is a pattern/ },
    { condition: 'PROTO=inet PORT!=80', message: /says what it is not/ },
    { condition: 'PROTO=ipx PORT=80', message: /PROTO=ipx is not understood: expected inet or inet6 or unix/ },
  ])('$condition is refused clearly, and others go on working', async ({ condition, message }) => {
    const port = await freePort();
    const scene = await start({
      wrong: `start on socket ${condition}\nexec true`,
      right: `start on socket PROTO=inet PORT=${port}\n${serve()}`,
    });
    await scene.says(message);
    expect(await ask({ port })).toMatch(/ inet$/);
  });
});
