// Uses everything in the addon, and the programs beside it, in the ways that go well and in those that fail.
// `node native-workout.mjs INDEX`: INDEX is the package's dist/index.js. check-native.mjs looks on with its instruments.
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const spawner = await import(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), 'maverick-workout-'));
const path = (name) => join(folder, name);
const isRoot = process.getuid() === 0;

/** What is meant to fail: only that it fails in an orderly way counts. */
const fails = (call) => {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return;
  }
  throw new Error(`this was to fail: ${call}`);
};

const CONSOLES = [
  { kind: 'none' },
  { kind: 'log', path: path('text') },
  { kind: 'log', path: path('json'), format: 'json', job: 'workout', transport: 'pipe' },
  { kind: 'log', path: path('rotated'), rotate: { bytes: 2000, keep: 2 } },
  { kind: 'log', path: path('nowhere/log') },
];

const shell = (command, more = {}) => ({
  argv: ['/bin/sh', '-c', command],
  env: ['PATH=/usr/bin:/bin'],
  console: { kind: 'none' },
  ...more,
});

/** Processes of every kind. Resolves when each has ended. */
const processes = () =>
  new Promise((resolve) => {
    let running = 1;
    const ends = new Set();
    const pids = new Set();
    const ended = () => {
      running -= 1;
      if (running > 0) return;
      owner.flushLogs();
      owner.reopenLogs();
      owner.close();
      resolve();
    };
    const owner = new spawner.Spawner({
      onChild: ({ kind, pid }) => {
        if (kind === 'stopped') owner.kill(pid, 18);
        if (kind !== 'exited' && kind !== 'signalled') return;
        if (pids.delete(pid)) ended();
        else ends.add(pid);
      },
      onWarning: () => {},
      onTrack: () => {},
    });
    const started = ({ ok, pid }) => {
      if (!ok) return;
      running += 1;
      pids.add(pid);
    };
    const start = (spec) => started(owner.spawn(spec));
    const wrongOnes = [shell('true', { cwd: '/nowhere' }), shell('true', { argv: ['/nowhere'] })];
    const together = Array.from({ length: 20 }, (_, number) =>
      shell(`exit ${number}`, { console: CONSOLES[number % 2] }),
    );
    for (const { value } of owner.spawnAll([...together, ...wrongOnes])) started(value);
    for (const console of CONSOLES) {
      start(shell('i=0; while [ $i -lt 100 ]; do echo "line $i of some length"; i=$((i + 1)); done', { console }));
      start({
        ...shell(''),
        argv: ['/bin/sh', '-e', '/proc/self/fd/9'],
        script: 'echo from a script\n'.repeat(50),
        console,
      });
    }
    for (const limits of [[{ resource: 'core', soft: 0, hard: 0 }], [{ resource: 'nofile', soft: 64, hard: 64 }]])
      start(shell('exit 3', { limits, umask: 0o27, nice: 5, oomScore: 500, cwd: '/' }));
    start(shell('kill -9 $$'));
    start(shell('kill -STOP $$; exit 4'));
    start(shell('(sleep 0.05; exit 0) & exit 0', { follow: { expect: 'fork' } }));
    start(shell('true', { pause: true }));
    for (const wrong of [
      { cwd: '/nowhere' },
      { chroot: ['/nowhere'] },
      { argv: ['/nowhere'], env: [] },
      { user: 'no-such-user' },
      { group: 'no-such-group' },
    ])
      start(shell('true', wrong));
    const startSlowly = async (spec) => {
      running += 1;
      const { ok, pid } = await owner.start(spec);
      if (!ok || ends.has(pid)) ended();
      else pids.add(pid);
    };
    if (isRoot && existsSync('/etc/pam.d/su')) startSlowly(shell('id', { user: 'nobody', pamService: 'su' }));
    startSlowly(shell('true', { user: 'no-such-user' }));
    if (isRoot) start(shell('id', { user: 'nobody', console: CONSOLES[1] }));
    ended();
  });

const ready = (fd) =>
  new Promise((resolve) => {
    const watch = spawner.watchFd(fd, { readable: true }, () => {
      watch.close();
      resolve();
    });
  });

const SOCKETS = [
  { address: { family: 'inet', address: '127.0.0.1', port: 0 }, keepAlive: true },
  { address: { family: 'inet6', address: '::1', port: 0 }, reusePort: true },
  { address: { family: 'unix', path: `@maverick-workout-${process.pid}` }, type: 'seqpacket', passCredentials: true },
  { address: { family: 'unix', path: path('socket') }, file: { mode: 0o600 }, backlog: 3 },
];

const sockets = async () => {
  for (const spec of SOCKETS) {
    const listener = spawner.listenSocket(spec);
    const client = spawner.connectSocket(spawner.socketAddress(listener), spec.type);
    await ready(listener);
    const { fd } = spawner.acceptSocket(listener);
    spawner.peerAddress(client);
    const fds = spec.address.family === 'unix' ? [0, 1, 2] : [];
    spawner.sendUnix(client, Buffer.from('hello'), 0, fds);
    await ready(fd);
    const received = spawner.receiveUnix(fd, Buffer.alloc(100));
    if (fds.length > 0) spawner.peerCredentials(fd);
    for (const each of [...received.fds, fd, client, listener]) spawner.closeFd(each);
  }
  fails(() => spawner.listenSocket({ address: { family: 'unix', path: path('nowhere/socket') }, file: { mode: 0 } }));
  fails(() => spawner.listenSocket({ address: { family: 'unix', path: 'x'.repeat(500) } }));
  fails(() => spawner.connectSocket({ family: 'inet', address: 'x'.repeat(500), port: 1 }));
  fails(() => spawner.listenSocket({ address: { family: 'inet6', address: `::1%${'x'.repeat(50)}`, port: 0 } }));
  fails(() => spawner.peerAddress(-1));
  spawner.closeFd(spawner.listenSocket({ address: SOCKETS[3].address, replaceStale: true }));
};

const files = () =>
  new Promise((resolve) => {
    const inotify = spawner.watchInotify((events) => {
      if (!events.some(({ name }) => name === 'last')) return;
      inotify.close();
      resolve();
    });
    inotify.add(folder, ['create', 'delete', 'close-write']);
    fails(() => inotify.add('x'.repeat(5000), ['create']));
    fails(() => inotify.add('/nowhere', ['create']));
    for (let i = 0; i < 200; i++) writeFileSync(path(`${i}-${'n'.repeat(i)}`), '');
    writeFileSync(path('last'), '');
  });

const timers = () =>
  new Promise((resolve) => {
    const timer = spawner.kernelTimer('boottime', () => {
      timer.close();
      resolve();
    });
    timer.set(Number.POSITIVE_INFINITY);
    timer.set(spawner.clockNow('boottime') + 5);
    spawner.kernelTimer('realtime', () => {}).close();
  });

const machine = () => {
  const record = { type: 'user-process', id: '1', pid: 7, user: 'u'.repeat(100), host: 'h'.repeat(500) };
  for (const name of ['utmp', 'wtmp']) writeFileSync(path(name), '');
  spawner.writeUtmp(record, path('utmp'));
  spawner.endUtmpProcess(7, { utmp: path('utmp'), wtmp: path('wtmp') });
  const fd = openSync(path('utmp'), 'r');
  spawner.lockFile(fd, 'exclusive');
  fails(() => spawner.resetTerminal(fd));
  fails(() => spawner.takeTerminal(fd));
  closeSync(fd);
  fails(() => spawner.openTerminal(path('utmp')));
  fails(() => spawner.mount({ target: path('nowhere'), type: 'tmpfs', data: 'x'.repeat(1000) }));
  fails(() => spawner.unmount(folder));
  spawner.makeNode({ path: path('fifo'), kind: 'fifo', mode: 0o600 });
  fails(() => spawner.makeNode({ path: path('fifo'), kind: 'fifo', mode: 0o600 }));
  spawner.watchDevices({ source: 'udev', onDevice: () => {}, onOverflow: () => {} }).close();
  spawner.watchSignal('SIGPWR', () => {}).close();
  fails(() => spawner.watchSignal(9, () => {}));
  fails(() => spawner.exec('/nowhere', ['x'], ['A=B'], { keep: [0, 1] }));
  fails(() => spawner.exec('/bin/true', ['x'], [], { keep: [12345] }));
};

for (let round = 0; round < 3; round++) {
  await processes();
  await sockets();
  await files();
  await timers();
  machine();
  for (const each of ['socket', 'fifo']) rmSync(path(each), { force: true });
}
rmSync(folder, { recursive: true });
console.log('done');
