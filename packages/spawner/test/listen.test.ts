import {
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FdWatch, watchFd } from '../src/fd-watch.js';
import { acceptSocket, connectSocket, listenSocket, type SocketType } from '../src/listen.js';
import { peerAddress, type SocketAddress, socketAddress } from '../src/socket-address.js';
import { closeFd, receiveUnix, sendUnix, setBlocking } from '../src/sockets.js';
import { isRoot } from './helpers/run.js';

let folder: string;
const open: number[] = [];
const watches: FdWatch[] = [];
const keep = (fd: number): number => {
  open.push(fd);
  return fd;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-listen-'));
});
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
  for (const fd of open.splice(0)) closeFd(fd);
  rmSync(folder, { recursive: true });
});

const uniqueName = (): string => `@maverick-listen-${process.pid}-${Math.random().toString(36).slice(2)}`;

const ready = (fd: number) =>
  new Promise<void>((resolve) => {
    const watch = watchFd(fd, { readable: true }, () => {
      watch.close();
      resolve();
    });
    watches.push(watch);
  });

const acceptOne = async (listener: number) => {
  await ready(listener);
  const accepted = acceptSocket(listener);
  if (accepted === undefined) throw new Error('nobody waits');
  keep(accepted.fd);
  return accepted;
};

const receiveText = async (fd: number): Promise<string> => {
  await ready(fd);
  const buffer = Buffer.alloc(64);
  return buffer.toString('utf8', 0, receiveUnix(fd, buffer)?.bytes);
};

const WITH_CONNECTIONS: readonly { address: SocketAddress; type: SocketType }[] = [
  { address: { family: 'inet', address: '127.0.0.1', port: 0 }, type: 'stream' },
  { address: { family: 'inet6', address: '::1', port: 0 }, type: 'stream' },
  { address: { family: 'unix', path: uniqueName() }, type: 'stream' },
  { address: { family: 'unix', path: uniqueName() }, type: 'seqpacket' },
];

describe('connections', () => {
  test.each(WITH_CONNECTIONS)('$address.family $type: a client connects, both know the other', async (row) => {
    const listener = keep(listenSocket(row));
    const bound = socketAddress(listener);
    if ('port' in bound) expect(bound.port).toBeGreaterThan(0);
    const client = keep(connectSocket(bound, row.type));
    const { fd, peer } = await acceptOne(listener);
    expect(peer).toEqual(socketAddress(client));
    expect(peerAddress(client)).toEqual(bound);
    sendUnix(client, Buffer.from('hello'));
    expect(await receiveText(fd)).toBe('hello');
    expect(acceptSocket(listener)).toBeUndefined();
  });

  test('every descriptor is close-on-exec and non-blocking', async () => {
    const listener = keep(listenSocket({ address: { family: 'inet', address: '127.0.0.1', port: 0 } }));
    const client = keep(connectSocket(socketAddress(listener)));
    const { fd } = await acceptOne(listener);
    for (const each of [listener, client, fd]) {
      const flags = Number.parseInt(
        /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${each}`, 'utf8'))?.[1] ?? '',
        8,
      );
      expect({ nonBlocking: (flags & 0o4000) !== 0, closeOnExec: (flags & 0o2000000) !== 0 }).toEqual({
        nonBlocking: true,
        closeOnExec: true,
      });
    }
  });

  test('a connection that waits is told again and again until it is accepted, or once if so asked', async () => {
    const listener = keep(listenSocket({ address: { family: 'unix', path: uniqueName() } }));
    keep(connectSocket(socketAddress(listener)));
    await ready(listener);
    await ready(listener);
    let calls = 0;
    let again: () => void = () => {};
    const watch = watchFd(
      listener,
      { readable: true },
      () => {
        calls += 1;
        again();
      },
      { once: true },
    );
    watches.push(watch);
    const told = () => new Promise<void>((resolve) => (again = resolve));
    await told();
    keep(connectSocket(socketAddress(listener)));
    // Another descriptor that becomes ready meanwhile shows that the loop has gone round.
    const other = keep(listenSocket({ address: { family: 'unix', path: uniqueName() } }));
    keep(connectSocket(socketAddress(other)));
    await ready(other);
    await ready(other);
    expect(calls).toBe(1);
    watch.update({ readable: true });
    await told();
    expect(calls).toBe(2);
  });

  test("Node's own net connects to a port that the system chose", async () => {
    const listener = keep(listenSocket({ address: { family: 'inet', address: '127.0.0.1', port: 0 } }));
    const { port } = socketAddress(listener) as { port: number };
    const client = netConnect(port, '127.0.0.1');
    const { fd, peer } = await acceptOne(listener);
    expect(peer).toEqual({ family: 'inet', address: '127.0.0.1', port: client.localPort });
    const data = new Promise((resolve) => client.once('data', resolve));
    sendUnix(fd, Buffer.from('x'));
    expect(String(await data)).toBe('x');
    client.destroy();
  });

  test('as many as the backlog wait, no more', () => {
    const listener = keep(listenSocket({ address: { family: 'unix', path: uniqueName() }, backlog: 2 }));
    const address = socketAddress(listener);
    for (let i = 0; i < 3; i++) keep(connectSocket(address));
    expect(() => connectSocket(address)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  });
});

describe('datagrams', () => {
  test.each<{ address: SocketAddress }>([
    { address: { family: 'inet', address: '127.0.0.1', port: 0 } },
    { address: { family: 'inet6', address: '::1', port: 0 } },
    { address: { family: 'unix', path: uniqueName() } },
  ])('$address.family: arrive', async ({ address }) => {
    const receiver = keep(listenSocket({ address, type: 'dgram' }));
    const sender = keep(connectSocket(socketAddress(receiver), 'dgram'));
    sendUnix(sender, Buffer.from('one'));
    sendUnix(sender, Buffer.from('two'));
    expect(await receiveText(receiver)).toBe('one');
    expect(await receiveText(receiver)).toBe('two');
  });
});

describe('inet and inet6', () => {
  test('`::` leaves IPv4 alone unless asked to take it, too', async () => {
    const four = keep(listenSocket({ address: { family: 'inet', address: '0.0.0.0', port: 0 } }));
    const { port } = socketAddress(four) as { port: number };
    const six = { family: 'inet6', address: '::', port } as const;
    const alone = listenSocket({ address: six });
    closeFd(alone);
    expect(() => listenSocket({ address: six, v6Only: false })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    const both = keep(listenSocket({ address: { ...six, port: 0 }, v6Only: false }));
    keep(connectSocket({ family: 'inet', address: '127.0.0.1', port: (socketAddress(both) as { port: number }).port }));
    expect((await acceptOne(both)).peer).toMatchObject({ family: 'inet6', address: '::ffff:127.0.0.1' });
  });

  test('an address is taken by one, or by all who share it', () => {
    const shared = { address: { family: 'inet', address: '127.0.0.1', port: 0 }, reusePort: true } as const;
    const address = socketAddress(keep(listenSocket(shared)));
    keep(listenSocket({ address, reusePort: true }));
    expect(() => listenSocket({ address })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE', message: expect.stringContaining('bind 127.0.0.1:') }),
    );
  });

  test('an address whose connections are still being closed can be taken at once', async () => {
    const listener = listenSocket({ address: { family: 'inet', address: '127.0.0.1', port: 0 } });
    const address = socketAddress(listener);
    const client = connectSocket(address);
    const { fd } = await acceptOne(listener);
    open.splice(open.indexOf(fd), 1);
    for (const each of [fd, client, listener]) closeFd(each);
    expect(() => listenSocket({ address, reuseAddress: false })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    keep(listenSocket({ address }));
  });

  test.each(['inet', 'inet6'] as const)(
    'an %s address that the machine has not can be bound with freeBind',
    (family) => {
      const address = { family, address: family === 'inet' ? '192.0.2.7' : '2001:db8::7', port: 0 } as const;
      expect(() => listenSocket({ address })).toThrow(expect.objectContaining({ code: 'EADDRNOTAVAIL' }));
      expect(socketAddress(keep(listenSocket({ address, freeBind: true })))).toMatchObject({
        address: address.address,
      });
    },
  );

  test.skipIf(!isRoot).each(['inet', 'inet6'] as const)('%s: transparent takes it, too (root)', (family) => {
    const address = { family, address: family === 'inet' ? '192.0.2.7' : '2001:db8::7', port: 0 } as const;
    keep(listenSocket({ address, transparent: true, keepAlive: true }));
  });

  test.each([
    { scope: 'lo', means: 'the name of an interface' },
    { scope: '1', means: 'its number' },
  ])('$means is the scope of a link-local address', ({ scope }) => {
    const address = { family: 'inet6', address: `fe80::1%${scope}`, port: 0 } as const;
    expect(socketAddress(keep(listenSocket({ address, freeBind: true })))).toMatchObject({ address: 'fe80::1%lo' });
  });

  test.each([
    { what: 'a host name', address: { family: 'inet', address: 'localhost', port: 80 }, code: 'EINVAL' },
    { what: 'an IPv6 address for inet', address: { family: 'inet', address: '::1', port: 80 }, code: 'EINVAL' },
    { what: 'an address with a NUL', address: { family: 'inet', address: '127.0.0.1\0', port: 80 }, code: 'EINVAL' },
    { what: 'port 65536', address: { family: 'inet', address: '127.0.0.1', port: 65_536 }, code: 'EINVAL' },
    { what: 'port -1', address: { family: 'inet6', address: '::1', port: -1 }, code: 'EINVAL' },
    { what: 'an unknown interface', address: { family: 'inet6', address: 'fe80::1%nope', port: 0 }, code: 'ENODEV' },
  ] as const)('$what is refused with $code', ({ address, code }) => {
    expect(() => listenSocket({ address })).toThrow(expect.objectContaining({ name: 'SystemError', code }));
  });

  test('v6Only and freeBind mean nothing to a unix socket: refused', () => {
    const address = { family: 'unix', path: uniqueName() } as const;
    expect(() => listenSocket({ address, freeBind: true })).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }));
  });
});

describe("a path socket's file", () => {
  const at = (name: string) => ({ family: 'unix', path: join(folder, name) }) as const;
  const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o7777;

  test.each([{ mode: 0o600 }, { mode: 0o666 }, { mode: 0o777 }, { mode: 0o640 }, { mode: 0 }])(
    'has exactly the mode $mode, whatever the umask',
    ({ mode }) => {
      keep(listenSocket({ address: at('s'), file: { mode } }));
      expect(modeOf('s')).toBe(mode);
    },
  );

  test('has what the umask leaves if no mode is given', () => {
    keep(listenSocket({ address: at('s') }));
    expect(modeOf('s')).toBe(0o777 & ~process.umask());
  });

  test.skipIf(!isRoot)('belongs to whom it is given to (root)', () => {
    keep(listenSocket({ address: at('s'), type: 'dgram', file: { mode: 0o660, uid: 12345, gid: 54321 } }));
    expect(statSync(join(folder, 's'))).toMatchObject({ uid: 12345, gid: 54321 });
    expect(modeOf('s')).toBe(0o660);
  });

  test.skipIf(isRoot)('is gone again where it can not be given away (not root)', () => {
    expect(() => listenSocket({ address: at('s'), file: { mode: 0o660, uid: 0 } })).toThrow(
      expect.objectContaining({ code: 'EPERM' }),
    );
    expect(existsSync(join(folder, 's'))).toBe(false);
  });

  test('that was left behind is in the way, unless it is to be replaced', async () => {
    closeFd(listenSocket({ address: at('s') }));
    expect(() => listenSocket({ address: at('s') })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    const listener = keep(listenSocket({ address: at('s'), replaceStale: true, file: { mode: 0o600 } }));
    keep(connectSocket(at('s')));
    await acceptOne(listener);
  });

  test.each([
    { what: 'a socket that is in use', make: () => void keep(listenSocket({ address: at('s') })) },
    { what: 'a plain file', make: () => writeFileSync(join(folder, 's'), 'mine') },
    {
      what: 'a link to a socket that was left behind',
      make: () => {
        closeFd(listenSocket({ address: at('t') }));
        symlinkSync('t', join(folder, 's'));
      },
    },
  ])('is never replaced where it is $what', ({ make }) => {
    make();
    const before = statSync(join(folder, 's')).ino;
    expect(() => listenSocket({ address: at('s'), replaceStale: true })).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    expect(statSync(join(folder, 's')).ino).toBe(before);
  });
});

test('netlink: bound to groups', () => {
  const fd = keep(listenSocket({ address: { family: 'netlink', groups: 1 }, type: 'raw', protocol: 15 }));
  expect(socketAddress(fd)).toMatchObject({ family: 'netlink', groups: 1, port: expect.any(Number) });
});

test('an unnamed socket has an empty path', async () => {
  const listener = keep(listenSocket({ address: { family: 'unix', path: uniqueName() } }));
  keep(connectSocket(socketAddress(listener)));
  expect((await acceptOne(listener)).peer).toEqual({ family: 'unix', path: '' });
});

test('the peer of nobody', () => {
  const listener = keep(listenSocket({ address: { family: 'unix', path: uniqueName() } }));
  expect(() => peerAddress(listener)).toThrow(expect.objectContaining({ code: 'ENOTCONN', syscall: 'getpeername' }));
});

test('what others are to wait for is made blocking', () => {
  const fd = keep(listenSocket({ address: { family: 'unix', path: uniqueName() } }));
  const isBlocking = (): boolean => {
    const [, flags = ''] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
    return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
  };
  expect(isBlocking()).toBe(false);
  setBlocking(fd);
  expect(isBlocking()).toBe(true);
  expect(() => setBlocking(-1)).toThrow('Bad file descriptor');
});
