import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

/** The program as a process, where there is no daemon that answers: a line of text and status 1, never a stack. */

const INITCTL = join(import.meta.dirname, '../bin/initctl.js');
const PATH = process.env['PATH'] ?? '';
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const call = (args: readonly string[], env: Readonly<Record<string, string>>, options: object = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [INITCTL, ...args], {
    env: { PATH, ...env },
    encoding: 'utf8',
    ...options,
  });
  return { status, stdout, stderr };
};

const failure = (reason: string, to = 'Upstart') => ({
  status: 1,
  stdout: '',
  stderr: `initctl: Unable to connect to ${to}: ${reason}\n`,
});

const tempDir = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-unreachable-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

describe('nothing there', () => {
  test.each([
    {
      address: 'unix:path=/nonexistent/socket',
      reason: 'Failed to connect to socket /nonexistent/socket: No such file or directory',
    },
    {
      address: 'unix:abstract=/maverick/nobody',
      reason: 'Failed to connect to socket /maverick/nobody: Connection refused',
    },
  ])('$address', ({ address, reason }) => {
    for (const command of ['version', 'list', 'check-config']) {
      expect(call([command], { UPSTART_SESSION: address })).toEqual(failure(reason));
    }
  });

  test.each(['', 'nonsense', 'unix:', 'tcp:host=localhost', 'unix:path=%zz'])('the address "%s"', (address) => {
    const { status, stdout, stderr } = call(['--user', 'version'], { UPSTART_SESSION: address });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^initctl: .+\n$/);
  });

  test('a socket that was left behind', async () => {
    const path = join(tempDir(), 'socket');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(call(['list'], { UPSTART_SESSION: `unix:path=${path}` })).toEqual(
      failure(`Failed to connect to socket ${path}: Connection refused`),
    );
  });

  test('no bus', () => {
    const env = {
      DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
    };
    const reason = 'Failed to connect to socket /nonexistent/bus: No such file or directory';
    expect(call(['--system', 'version'], env)).toEqual(failure(reason, 'system bus'));
    expect(call(['--session', 'version'], env)).toEqual(failure(reason, 'session bus'));
  });
});

describe('somebody who does not answer', () => {
  const silent = async (answer: (socket: { destroy(): void; write(text: string): void }) => void) => {
    const path = join(tempDir(), 'socket');
    const server = createServer(answer);
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return { UPSTART_SESSION: `unix:path=${path}`, PATH };
  };

  const run = async (env: Readonly<Record<string, string>>, whenWaiting: (kill: () => void) => void = () => {}) => {
    const child = spawn(process.execPath, [INITCTL, 'list'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said += text;
      });
    }
    whenWaiting(() => void child.kill('SIGINT'));
    const [status, signal] = await once(child, 'close');
    return { status, signal, said };
  };

  test('and hangs up: one line', async () => {
    const { status, said } = await run(await silent((socket) => socket.destroy()));
    expect(status).toBe(1);
    expect(said).toMatch(/^initctl: .+\n$/);
  });

  test('and speaks something else: one line', async () => {
    const { status, said } = await run(await silent((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(status).toBe(1);
    expect(said).toMatch(/^initctl: .+\n$/);
  });

  test('and is silent: waited for until Ctrl-C, as ever', async () => {
    let kill = (): void => {};
    const env = await silent(() => kill());
    const whenWaiting = (end: () => void): void => {
      kill = end;
    };
    expect(await run(env, whenWaiting)).toEqual({ status: null, signal: 'SIGINT', said: '' });
  });
});

describe.skipIf(!isRoot)(`as somebody else${isRoot ? '' : ' (needs root)'}`, () => {
  test('the bus of the system is asked', () => {
    const env = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
    expect(call(['list'], env, { uid: NOBODY, gid: NOBODY })).toEqual(
      failure('Failed to connect to socket /nonexistent/bus: No such file or directory', 'system bus'),
    );
  });

  test('a socket that is not theirs', async () => {
    const folder = tempDir();
    const path = join(folder, 'socket');
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    chmodSync(path, 0o600);
    expect(call(['list'], { UPSTART_SESSION: `unix:path=${path}` }, { uid: NOBODY, gid: NOBODY })).toEqual(
      failure(`Failed to connect to socket ${path}: Permission denied`),
    );
  });

  test('in a chroot with nothing in it', () => {
    const root = tempDir();
    for (const folder of ['usr', 'lib', 'lib64', 'bin', 'proc', 'project']) mkdirSync(join(root, folder));
    const project = join(import.meta.dirname, '../../..');
    const script = `
      for folder in usr lib lib64 bin; do mount --bind /$folder ${root}/$folder; done
      mount --bind ${project} ${root}/project; mount -t proc none ${root}/proc
      touch ${root}/node; mount --bind ${process.execPath} ${root}/node
      exec chroot ${root} /node /project/packages/initctl/bin/initctl.js list`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--net', '--pid', '--fork', 'sh', '-ec', script],
      {
        env: { PATH },
        encoding: 'utf8',
      },
    );
    expect({ status, stdout, stderr }).toEqual(
      failure('Failed to connect to socket /com/ubuntu/upstart: Connection refused'),
    );
  });
});
