import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeFd } from '../src/sockets.js';
import { Spawner } from '../src/spawner.js';
import { isRoot, Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

const { ENOENT, EACCES, EBADF, E2BIG } = constants.errno;

describe('a process', () => {
  test('gets exactly its arguments and its environment', async () => {
    expect(await run.output({ ...shell(''), argv: ['/usr/bin/env'], env: ['A=1', 'B=zwei Wörter', 'C='] })).toBe(
      'A=1\nB=zwei Wörter\nC=\n',
    );
    expect(await run.output({ ...shell(''), argv: ['/usr/bin/printf', '<%s>', '', 'a b', '$x'] })).toBe('<><a b><$x>');
  });

  test('leads its own session and process group', async () => {
    const stat = await run.output({ ...shell(''), argv: ['/bin/cat', '/proc/self/stat'] });
    const [pid, , , , group, session] = stat.split(' ');
    expect([group, session]).toEqual([pid, pid]);
  });

  test('has no signal blocked, ignored or caught', async () => {
    const before = () => {};
    process.on('SIGUSR2', before);
    const status = await run.output({ ...shell(''), argv: ['/bin/cat', '/proc/self/status'] });
    process.off('SIGUSR2', before);
    expect(status.match(/^Sig(Blk|Ign|Cgt):\t0+$/gm)).toHaveLength(3);
  });

  test('has no descriptors but the standard ones', async () => {
    // The fourth is the directory that ls reads.
    expect(await run.output({ ...shell(''), argv: ['/bin/ls', '-1', '/proc/self/fd'] })).toBe('0\n1\n2\n3\n');
    expect(await run.output({ ...shell(''), argv: ['/bin/readlink', '/proc/self/fd/0'] })).toBe('/dev/null\n');
  });

  test('inherits the descriptors that it is given, under their numbers', async () => {
    const fd = openSync('/dev/zero', 'r');
    try {
      const output = await run.output(shell('exec /bin/ls -1 /proc/self/fd', { inheritFds: [fd] }));
      // Beside them ls has the directory that it reads.
      expect(output.split('\n').filter((line) => line !== '')).toHaveLength(5);
      expect(await run.output(shell(`readlink /proc/$$/fd/${fd}`, { inheritFds: [fd] }))).toBe('/dev/zero\n');
    } finally {
      closeFd(fd);
    }
  });

  test.each([
    { what: 'directory', spec: { cwd: '/usr/lib' }, command: 'pwd', output: '/usr/lib\n' },
    { what: 'umask', spec: { umask: 0o027 }, command: 'umask', output: '0027\n' },
    { what: 'nice value', spec: { nice: 7 }, command: 'nice', output: '7\n' },
    { what: 'oom score', spec: { oomScore: 555 }, command: 'cat /proc/self/oom_score_adj', output: '555\n' },
    {
      what: 'limits',
      spec: {
        limits: [
          { resource: 'nofile', soft: 50, hard: 60 },
          { resource: 'core', soft: 0, hard: '4096' },
          { resource: 'cpu', soft: '1000', hard: 'unlimited' },
        ],
      },
      command: 'ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc; ulimit -St; ulimit -Ht',
      output: '50\n60\n0\n8\n1000\nunlimited\n',
    },
  ])('has the $what that was asked for', async ({ spec, command, output }) => {
    expect(await run.output(shell(command, spec))).toBe(output);
  });

  test('keeps the umask and directory of this process when none is asked for', async () => {
    const umask = process.umask(0o015);
    try {
      expect(await run.output(shell('umask; pwd'))).toBe(`0015\n${process.cwd()}\n`);
    } finally {
      process.umask(umask);
    }
  });

  test('changes nothing of this process', async () => {
    const state = () => [process.cwd(), process.umask(), readdirSync('/proc/self/fd').length];
    const before = state();
    for (let i = 0; i < 50; i++) {
      run.start(shell('exit', { cwd: '/', umask: 0o777, nice: 19, script: 'true' }));
      run.spawner.spawn(shell('exit', { cwd: '/nowhere', script: 'true', console: { kind: 'log', path: '/tmp/no' } }));
    }
    await run.until(() => run.events.length === 50);
    const [cwd, umask, fds = 0] = state();
    expect([cwd, umask]).toEqual(before.slice(0, 2));
    // The socket to the log process, which the first logged process has started, and the watch over it.
    expect(Number(fds) - Number(before[2])).toBeLessThanOrEqual(3);
  });
});

describe('a script', () => {
  const script = (text: string) => ({ ...shell(''), argv: ['/bin/sh', '-e', '/proc/self/fd/9'], script: text });

  test('is run by the shell, which has let go of it', async () => {
    expect(await run.output(script('echo "$0" $#\nls /proc/$$/fd/9 2>&1 || echo closed'))).toMatch(
      /^\/proc\/self\/fd\/9 0\n.*\nclosed\n$/,
    );
  });

  test('can be of any size', async () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => `x=${i}`).join('\n');
    expect(lines.length).toBeGreaterThan(4 * 65536);
    expect(await run.output(script(`${lines}\necho $x`))).toBe('39999\n');
  });
});

describe('the program', () => {
  const program = (name: string, text: string, mode = 0o755): string => {
    const path = run.path(name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test('is looked up in the PATH of its own environment', async () => {
    mkdirSync(run.path('bin'));
    program('bin/maverick-test-tool', '#!/bin/sh\necho found $0');
    const spec = { ...shell(''), argv: ['maverick-test-tool'] };
    expect(run.spawner.spawn(spec)).toMatchObject({ error: { step: 'exec', errno: ENOENT } });
    expect(await run.output({ ...spec, env: [`PATH=/nowhere:${run.path('bin')}`] })).toBe(
      `found ${run.path('bin')}/maverick-test-tool\n`,
    );
  });

  test('a directory in which it may not be executed is passed over', async () => {
    for (const directory of ['a', 'b']) mkdirSync(run.path(directory));
    program('a/maverick-test-tool', 'not for execution', 0o644);
    const path = `${run.path('a')}:${run.path('b')}`;
    const spec = { ...shell(''), argv: ['maverick-test-tool'], env: [`PATH=${path}`] };
    expect(run.spawner.spawn(spec)).toMatchObject({ error: { step: 'exec', errno: EACCES } });
    program('b/maverick-test-tool', '#!/bin/sh\necho b');
    expect(await run.output(spec)).toBe('b\n');
  });

  test('without an interpreter line is run by the shell, as execvp does', async () => {
    const path = program('plain', 'echo plain $0 $1');
    expect(await run.output({ ...shell(''), argv: [path, 'one'] })).toBe(`plain ${path} one\n`);
  });
});

describe('a step that fails', () => {
  const log = { kind: 'log', path: '/nonexistent/x.log' } as const;
  test.each([
    {
      spec: { cwd: '/nowhere' },
      error: {
        step: 'chdir',
        errno: ENOENT,
        argument: '/nowhere',
        message: 'unable to change working directory: No such file or directory',
      },
    },
    {
      spec: { argv: ['/nowhere/program'], console: log },
      error: {
        step: 'exec',
        errno: ENOENT,
        argument: '/nowhere/program',
        message: 'unable to execute: No such file or directory',
      },
    },
    {
      spec: { argv: ['/etc/passwd'] },
      error: { step: 'exec', errno: EACCES, message: 'unable to execute: Permission denied' },
    },
    { spec: { argv: [''] }, error: { step: 'exec', errno: ENOENT } },
    { spec: { env: ['X='.padEnd(1 << 20)] }, error: { step: 'exec', errno: E2BIG } },
    {
      spec: { inheritFds: [9999] },
      error: { step: 'inherit', errno: EBADF, argument: '9999' },
    },
    {
      spec: { user: 'no-such-user' },
      error: { step: 'user', errno: 0, argument: 'no-such-user', message: 'unable to find setuid user' },
    },
    {
      spec: { group: 'no-such-group' },
      error: { step: 'group', errno: 0, argument: 'no-such-group', message: 'unable to find setgid group' },
    },
    // The first failure in the order of the steps is the one that is told.
    { spec: { user: 'no-such-user', cwd: '/nowhere' }, error: { step: 'chdir' } },
    { spec: { user: 'no-such-user', argv: ['/nowhere'] }, error: { step: 'user' } },
    {
      spec: { limits: [{ resource: 'nofile', soft: 2, hard: 1 }], cwd: '/nowhere' },
      error: { step: 'limit', argument: 'nofile', message: 'unable to set "nofile" resource limit: Invalid argument' },
    },
  ])('$spec -> $error', ({ spec, error }) => {
    expect(run.spawner.spawn({ ...shell('exit'), ...spec })).toMatchObject({ ok: false, error });
  });

  test.skipIf(!isRoot).each([
    { spec: { chroot: ['/', '/nowhere'] }, error: { step: 'chroot', errno: ENOENT, argument: '/nowhere' } },
    { spec: { chroot: ['/nowhere'], user: 'x', cwd: '/gone' }, error: { step: 'chroot', argument: '/nowhere' } },
    { spec: { chroot: ['/proc'], user: 'root' }, error: { step: 'getpwnam', errno: ENOENT } },
  ])('$spec -> $error', ({ spec, error }) => {
    expect(run.spawner.spawn({ ...shell('exit'), ...spec })).toMatchObject({ ok: false, error });
  });

  test('leaves no process, no event and no file behind', async () => {
    const path = run.path('never.log');
    for (let i = 0; i < 20; i++) run.spawner.spawn(shell('', { cwd: '/nowhere', console: { kind: 'log', path } }));
    const pid = run.start(shell('exit 5'));
    await run.ended(pid);
    expect(run.events).toEqual([{ kind: 'exited', pid, code: 5 }]);
    expect(readdirSync(run.folder)).toEqual([]);
  });
});

describe('a wrong specification throws', () => {
  test.each([
    { what: 'an empty argv', spec: { argv: [] }, error: TypeError },
    { what: 'a NUL in a string', spec: { cwd: '/tmp\0/x', script: 'x' }, error: TypeError },
    { what: 'an unknown resource', spec: { limits: [{ resource: 'zeal', soft: 1, hard: 1 }] }, error: TypeError },
    { what: 'a limit of -1', spec: { limits: [{ resource: 'core', soft: -1, hard: 1 }] }, error: RangeError },
    { what: 'a standard descriptor to inherit', spec: { inheritFds: [2] }, error: RangeError },
    { what: 'a descriptor to inherit twice', spec: { inheritFds: [20, 20] }, error: RangeError },
    {
      what: 'a script that is not where the shell looks for it',
      spec: { argv: ['/bin/sh', '/proc/self/fd/9'], script: '', inheritFds: [9] },
      error: RangeError,
    },
    { what: 'a name of a descriptor with a colon', spec: { listenFds: [{ fd: 0, name: 'a:b' }] }, error: RangeError },
    {
      what: 'a taken place for readiness',
      spec: { listenFds: [{ fd: 0 }], readyFd: { fd: 1, target: 3 } },
      error: RangeError,
    },
  ])('$what', ({ spec, error }) => {
    const fds = readdirSync('/proc/self/fd').length;
    expect(() => run.spawner.spawn({ ...shell('exit'), ...spec })).toThrow(error);
    expect(readdirSync('/proc/self/fd')).toHaveLength(fds);
  });
});

test('a trace of its birth is in the file before the process does anything, also if it fails', () => {
  const path = run.path('births');
  const fd = openSync(path, 'a');
  run.spawner.spawn({ argv: ['/bin/true'], env: [], console: { kind: 'none' }, birth: { fd, text: 'one\n' } });
  run.spawner.spawn({ argv: ['/no/such'], env: [], console: { kind: 'none' }, birth: { fd, text: 'two\n' } });
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  closeFd(fd);
});

test('closing twice closes nothing that others have opened meanwhile', () => {
  const spawner = new Spawner({ onChild: () => {} });
  spawner.close();
  const fds = Array.from({ length: 10 }, () => openSync('/dev/null', 'r'));
  spawner.close();
  for (const fd of fds) closeSync(fd);
});
