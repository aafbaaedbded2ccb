import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NotifyMessage } from '../src/notify-message.js';
import { type NotifyRefusal, type NotifySender, NotifySocket, type NotifySocketOptions } from '../src/notify-socket.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { compileStatic } from './helpers/compile.js';
import { compileFixture } from './helpers/forker.js';
import { isRoot, Run, shell } from './helpers/run.js';

const notify = compileFixture('notify.c');
afterAll(notify.dispose);

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

type Heard = { readonly message: NotifyMessage; readonly sender: NotifySender };
type Refused = { readonly refusal: NotifyRefusal; readonly sender: NotifySender };

let run: Run;
let heard: Heard[];
let refused: Refused[];
let mainPid: number | undefined;
let socket: NotifySocket;

const listen = (options: Partial<NotifySocketOptions> = {}): NotifySocket => {
  socket = new NotifySocket({
    mainPid: () => mainPid,
    onMessage: (message, sender) => {
      heard.push({ message, sender });
      run.changed();
    },
    onRefused: (refusal, sender) => {
      refused.push({ refusal, sender });
      run.changed();
    },
    ...options,
  });
  return socket;
};

/** Start the main process: the fixture with these texts. */
const tell = (texts: readonly string[], more: Partial<ProcessSpec> = {}): number => {
  mainPid = run.start({ ...shell(''), argv: [notify.path, ...texts], notifySocket: socket.address, ...more });
  return mainPid;
};

const messages = (count: number): Promise<NotifyMessage[]> =>
  run.until(() => heard.length >= count && heard.map(({ message }) => message));

const openFds = (): number => readdirSync('/proc/self/fd').length;

beforeEach(() => {
  run = new Run({ reapStrangers: false });
  heard = [];
  refused = [];
  mainPid = undefined;
});
afterEach(() => {
  socket.close();
  run.close();
});

describe('a process that tells of itself', () => {
  test('is heard, in order and with its credentials', async () => {
    listen();
    const pid = tell(['STATUS=Loading^EXTEND_TIMEOUT_USEC=1000', 'READY=1', 'WATCHDOG=1', 'RELOADING=1', 'STOPPING=1']);
    expect(await messages(5)).toEqual([
      { status: 'Loading', extendTimeoutUsec: 1000 },
      { ready: true },
      { watchdog: 'alive' },
      { reloading: true },
      { stopping: true },
    ]);
    const sender = { pid, uid: process.getuid?.(), gid: process.getgid?.() };
    expect(heard.map((one) => one.sender)).toEqual(Array.from({ length: 5 }, () => sender));
    expect(refused).toEqual([]);
  });

  test('is heard at a path, too, which is removed again', async () => {
    const path = run.path('notify');
    listen({ address: path });
    expect(statSync(path).mode & 0o777).toBe(0o666);
    tell(['READY=1']);
    expect(await messages(1)).toEqual([{ ready: true }]);
    socket.close();
    expect(existsSync(path)).toBe(false);
  });

  test('gets the place of a socket that a killed daemon left behind', async () => {
    const path = run.path('notify');
    const left = `const s = require('node:dgram'); require('node:net').createServer().listen('${path}', () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ['-e', left]);
    expect(existsSync(path)).toBe(true);
    listen({ address: path });
    tell(['READY=1']);
    expect(await messages(1)).toEqual([{ ready: true }]);
  });

  test('may give descriptors to store: they are closed unless somebody keeps them', async () => {
    listen();
    const before = openFds();
    tell(['-fds', 'FDSTORE=1', '-fds', 'FDSTORE=1', 'READY=1']);
    expect(await messages(3)).toEqual([{ fdStore: true }, { fdStore: true }, { ready: true }]);
    // The process has a pidfd and nothing else of ours.
    expect(openFds()).toBe(before + 1);
  });

  test('waits at a barrier until all before it has been handled', async () => {
    listen();
    const pid = tell(['STATUS=first', 'READY=1', '-barrier']);
    expect(await run.ended(pid)).toMatchObject({ kind: 'exited', code: 0 });
    expect(heard.map(({ message }) => message)).toEqual([{ status: 'first' }, { ready: true }, { barrier: true }]);
  });

  test.each([
    { what: 'too long', texts: ['-big'], refusal: 'oversized' },
    { what: 'with a NUL inside', texts: ['READY=1~READY=1'], refusal: 'malformed' },
  ])('does no harm with a datagram $what', async ({ texts, refusal }) => {
    listen();
    const pid = tell([...texts, 'READY=1']);
    expect(await messages(1)).toEqual([{ ready: true }]);
    expect(refused).toMatchObject([{ refusal, sender: { pid } }]);
  });

  test('is heard before its end is handled, if asked', async () => {
    const order: string[] = [];
    const other = new Run({
      reapStrangers: false,
      onChild: ({ kind }) => {
        socket.read();
        order.push(kind);
      },
    });
    listen({ onMessage: () => order.push('heard') });
    mainPid = other.start({ ...shell(''), argv: [notify.path, 'READY=1', '-barrier'], notifySocket: socket.address });
    await other.ended(mainPid);
    other.close();
    expect(order).toEqual(['heard', 'heard', 'exited']);
  });
});

describe('who is heard', () => {
  test('the main process alone, by default', async () => {
    listen();
    const pid = tell(['-child', 'READY=1', 'STATUS=main']);
    await run.until(() => heard.length + refused.length === 2);
    expect(heard).toMatchObject([{ message: { status: 'main' }, sender: { pid } }]);
    expect(refused).toMatchObject([{ refusal: 'stranger' }]);
  });

  test('its descendants, if asked', async () => {
    listen({ access: 'all' });
    const pid = tell(['-child', 'READY=1']);
    await messages(1);
    expect(heard[0]?.message).toEqual({ ready: true });
    expect(heard[0]?.sender.pid).not.toBe(pid);
    expect(refused).toEqual([]);
  });

  test('no stranger, and nobody as long as there is no main process', async () => {
    listen({ access: 'all' });
    const stranger = run.start({ ...shell(''), argv: [notify.path, 'READY=1'], notifySocket: socket.address });
    await run.until(() => refused.length === 1);
    tell(['STATUS=main']);
    await messages(1);
    run.start({ ...shell(''), argv: [notify.path, 'READY=1'], notifySocket: socket.address });
    await run.until(() => refused.length === 2);
    expect(refused).toMatchObject([{ refusal: 'stranger', sender: { pid: stranger } }, { refusal: 'stranger' }]);
    expect(heard).toHaveLength(1);
  });

  test('MAINPID names a process of the job, else it is left out', async () => {
    listen();
    const pid = tell([`MAINPID=${process.pid}^READY=1`, 'MAINPID=1']);
    expect(await messages(2)).toEqual([{ ready: true }, {}]);
    expect(refused).toMatchObject([{ refusal: 'main-pid', sender: { pid } }, { refusal: 'main-pid' }]);
  });

  test('MAINPID may name a child', async () => {
    listen();
    const script = 'sleep 1000 & echo $! > "$0"; exec "$1" "MAINPID=$!"';
    const file = run.path('pid');
    mainPid = run.start({
      ...shell(''),
      argv: ['/bin/sh', '-c', script, file, notify.path],
      notifySocket: socket.address,
    });
    const [message] = await messages(1);
    expect(message).toEqual({ mainPid: Number(run.read('pid')) });
  });
});

describe('programs of others', () => {
  test.skipIf(!has('systemd-notify'))('systemd-notify is understood', async () => {
    listen({ access: 'all', belongs: () => true });
    const command = 'systemd-notify --ready --status="Hello" --pid=$$; exec sleep 1000';
    mainPid = run.start({ ...shell(command), notifySocket: socket.address });
    const all = await run.until(() => heard.some(({ message }) => message.ready) && heard);
    expect(Object.assign({}, ...all.map(({ message }) => message))).toMatchObject({
      ready: true,
      status: 'Hello',
      mainPid,
    });
  });

  test.skipIf(!has('python3'))('a service in Python is understood', async () => {
    listen();
    const program = [
      'import os, socket, time',
      's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
      "s.sendto(b'READY=1\\nSTATUS=py', os.environ['NOTIFY_SOCKET'].replace('@', '\\0', 1))",
      'time.sleep(1000)',
    ].join('\n');
    mainPid = run.start({ ...shell(''), argv: ['python3', '-c', program], notifySocket: socket.address });
    expect(await messages(1)).toEqual([{ ready: true, status: 'py' }]);
  });
});
if (!has('systemd-notify')) console.log('skipped: systemd-notify is not installed');

const folder = mkdtempSync(join(tmpdir(), 'maverick-notify-'));
const isStatic = compileStatic('notify.c', join(folder, 'notify'));
afterAll(() => rmSync(folder, { recursive: true }));
if (!isRoot) console.log('skipped: only root can change the root directory and the user');

test.skipIf(!isRoot || !isStatic)('an ordinary user inside another root is heard', async () => {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'dev'));
  copyFileSync(join(folder, 'notify'), join(root, 'notify'));
  for (const path of [folder, root, join(root, 'notify')]) chmodSync(path, 0o755);
  writePasswd(join(root, 'etc'));
  listen();
  tell(['READY=1'], { argv: ['/notify', 'READY=1'], chroot: [root], user: 'somebody', console: { kind: 'none' } });
  await messages(1);
  expect(heard[0]?.sender).toMatchObject({ uid: 4711, gid: 4712 });
});

const writePasswd = (etc: string): void => {
  const command = `echo somebody:x:4711:4712::/:/bin/sh > ${etc}/passwd; echo somebody:x:4712: > ${etc}/group`;
  spawnSync('sh', ['-c', command]);
};
