import { mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FdWatch, watchFd } from '../src/fd-watch.js';
import {
  acceptUnix,
  closeFd,
  connectUnix,
  listenUnix,
  peerCredentials,
  receiveUnix,
  sendUnix,
} from '../src/sockets.js';

let folder: string;
const open: number[] = [];
const watches: FdWatch[] = [];
const keep = (fd: number): number => {
  open.push(fd);
  return fd;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-sockets-'));
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
  for (const fd of open.splice(0)) closeFd(fd);
  rmSync(folder, { recursive: true });
});

const uniqueName = (): string => `@maverick-test-${process.pid}-${Math.random().toString(36).slice(2)}`;

const acceptOne = (listener: number): number => {
  const fd = acceptUnix(listener);
  if (fd === undefined) throw new Error('nobody waits');
  return keep(fd);
};

/** Two connected sockets: [ours, theirs]. */
const pair = (address = uniqueName()): [number, number] => {
  const listener = keep(listenUnix(address));
  const client = keep(connectUnix(address));
  return [client, acceptOne(listener)];
};

const readiness = (fd: number, interest: { readable?: boolean; writable?: boolean }) =>
  new Promise((resolve) => {
    const watch = watchFd(fd, interest, (ready) => {
      watch.close();
      resolve(ready);
    });
    watches.push(watch);
  });

const receiveText = (fd: number): string | undefined => {
  const buffer = Buffer.alloc(64);
  const received = receiveUnix(fd, buffer);
  return received && buffer.toString('utf8', 0, received.bytes);
};

describe('addresses', () => {
  test('an abstract name has exactly the bytes that were given', () => {
    const name = uniqueName();
    keep(listenUnix(name));
    const names = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .map((line) => line.split(' ').at(-1));
    expect(names).toContain(name);
  });

  test('a path makes a socket file', () => {
    const [client, server] = pair(join(folder, 'socket'));
    expect(sendUnix(client, Buffer.from('x'))).toBe(1);
    expect(receiveText(server)).toBe('x');
  });

  test.each([
    { what: 'an abstract name of 107 bytes', address: `@${'n'.repeat(107)}`, code: 'ECONNREFUSED' },
    { what: 'an abstract name of 108 bytes', address: `@${'n'.repeat(108)}`, code: 'ENAMETOOLONG' },
    { what: 'a path of 108 bytes', address: `/${'n'.repeat(107)}`, code: 'ENAMETOOLONG' },
    { what: 'a path of 500 bytes', address: `/${'n'.repeat(499)}`, code: 'ENAMETOOLONG' },
    { what: 'a path that is not there', address: '/nonexistent/socket', code: 'ENOENT' },
    { what: 'an empty address', address: '', code: 'EINVAL' },
    { what: 'a path with a NUL', address: '/tmp/a\0b', code: 'EINVAL' },
  ])('connecting to $what fails with $code', ({ address, code }) => {
    expect(() => connectUnix(address)).toThrow(expect.objectContaining({ code }));
  });

  test('an address can be taken only once', () => {
    const name = uniqueName();
    keep(listenUnix(name));
    expect(() => listenUnix(name)).toThrow(
      expect.objectContaining({ name: 'SystemError', code: 'EADDRINUSE', syscall: 'listen' }),
    );
  });
});

describe('streams', () => {
  test('nobody waiting, nothing there and a full buffer are undefined', () => {
    const listener = keep(listenUnix(uniqueName()));
    expect(acceptUnix(listener)).toBeUndefined();
    const [client, server] = pair();
    expect(receiveUnix(server, Buffer.alloc(1))).toBeUndefined();
    const block = Buffer.alloc(1 << 16);
    while (sendUnix(client, block) !== undefined);
    expect(sendUnix(client, block)).toBeUndefined();
  });

  test('a closed peer is 0 bytes, and EPIPE for what is sent', () => {
    const [client, server] = pair();
    closeFd(open.splice(open.indexOf(client), 1)[0] ?? -1);
    expect(receiveUnix(server, Buffer.alloc(1))).toEqual({ bytes: 0, fds: [] });
    expect(() => sendUnix(server, Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
  });

  test('sending begins at the offset, which must lie in the buffer', () => {
    const [client, server] = pair();
    expect(sendUnix(client, Buffer.from('hello'), 3)).toBe(2);
    expect(receiveText(server)).toBe('lo');
    expect(() => sendUnix(client, Buffer.from('hello'), 6)).toThrow(RangeError);
  });

  test('the kernel names the peer', () => {
    const [client] = pair();
    expect(peerCredentials(client)).toEqual({ pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  });
});

describe('descriptors', () => {
  const file = (text: string): number => {
    const path = join(folder, 'file');
    writeFileSync(path, text);
    return keep(openSync(path, 'r'));
  };

  test('arrive as new descriptors of the same files, close-on-exec', () => {
    const [client, server] = pair();
    const fd = file('content');
    sendUnix(client, Buffer.from('x'), 0, [fd, fd]);
    const received = receiveUnix(server, Buffer.alloc(8));
    expect(received?.fds).toHaveLength(2);
    const [first = -1, second = -1] = received?.fds.map(keep) ?? [];
    expect(new Set([fd, first, second]).size).toBe(3);
    const buffer = Buffer.alloc(16);
    expect(buffer.toString('utf8', 0, readSync(first, buffer, 0, 16, 0))).toBe('content');
    const flags = readFileSync(`/proc/self/fdinfo/${second}`, 'utf8').match(/^flags:\s+(\d+)/m)?.[1] ?? '';
    expect(Number.parseInt(flags, 8) & 0o2000000).not.toBe(0);
  });

  test('more than 253 are refused', () => {
    const [client] = pair();
    const fds = Array.from({ length: 254 }, () => client);
    expect(() => sendUnix(client, Buffer.from('x'), 0, fds)).toThrow(RangeError);
  });

  test('a bad one fails with EBADF and sends nothing', () => {
    const [client, server] = pair();
    expect(() => sendUnix(client, Buffer.from('x'), 0, [99999])).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(receiveUnix(server, Buffer.alloc(1))).toBeUndefined();
  });
});

describe('watchFd', () => {
  test('tells that a listener has somebody waiting', async () => {
    const name = uniqueName();
    const listener = keep(listenUnix(name));
    const ready = readiness(listener, { readable: true });
    keep(connectUnix(name));
    expect(await ready).toEqual({ readable: true, writable: false });
  });

  test('a paused watch is silent, an updated one goes on', async () => {
    const [client, server] = pair();
    const seen: string[] = [];
    const done = new Promise<void>((resolve) => {
      const watch = watchFd(server, { readable: true }, ({ readable, writable }) => {
        if (readable) {
          seen.push('readable');
          watch.update({ writable: true });
        } else if (writable) {
          seen.push('writable');
          watch.update({});
          resolve();
        }
      });
      watches.push(watch);
    });
    sendUnix(client, Buffer.from('never read'));
    await done;
    await readiness(client, { writable: true });
    expect(seen).toEqual(['readable', 'writable']);
  });

  test.each([{ readable: true }, { writable: true }, { readable: true, writable: true }])(
    'a peer that went without reading everything makes the descriptor ready for what is waited for: %o',
    async (interest) => {
      const [client, server] = pair();
      sendUnix(server, Buffer.from('never read'));
      sendUnix(client, Buffer.from('last words'));
      closeFd(open.splice(open.indexOf(client), 1)[0] ?? -1);
      expect(await readiness(server, interest)).toEqual({ readable: false, writable: false, ...interest });
      expect(receiveText(server)).toBe('last words');
      expect(() => receiveUnix(server, Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
    },
  );

  test('is told of a lost peer again and again, until it is closed', async () => {
    const [client, server] = pair();
    sendUnix(server, Buffer.from('never read'));
    closeFd(open.splice(open.indexOf(client), 1)[0] ?? -1);
    let told = 0;
    await new Promise<void>((resolve) => {
      const watch = watchFd(server, { readable: true }, () => {
        told += 1;
        if (told < 3) return;
        watch.close();
        resolve();
      });
      watches.push(watch);
    });
    expect(told).toBe(3);
  });

  test('a closed watch is silent, and closing or updating it again does nothing', async () => {
    const [client, server] = pair();
    const watch = watchFd(server, { readable: true }, () => expect.unreachable());
    sendUnix(client, Buffer.from('x'));
    watch.close();
    watch.close();
    watch.update({ readable: true });
    watch.ref().unref();
    await readiness(client, { writable: true });
  });

  test.each([
    { what: 'a regular file', fd: () => keep(openSync(join(folder, 'f'), 'w')), code: 'EPERM' },
    { what: 'a closed descriptor', fd: () => 99999, code: 'EBADF' },
  ])('refuses $what with $code', ({ fd, code }) => {
    const number = fd();
    expect(() => watchFd(number, { readable: true }, () => {})).toThrow(expect.objectContaining({ code }));
  });
});
