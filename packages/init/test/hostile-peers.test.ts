import { readdirSync, readFileSync } from 'node:fs';
import { connect, type UpstartClient } from '@maverick/dbus';
import { closeFd, connectUnix, receiveUnix, SystemError, sendUnix } from '@maverick/spawner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encode, stampSerial } from '../../dbus/src/wire.js';
import { missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { stubOnBus } from '../../dbus/test/helpers/stub-on-bus.js';
import { TestDaemon } from './helpers/test-daemon.js';

/** Peers that mean no good, and a daemon in a process of its own: it lives, others are served, and memory comes back. */

const SOON = { timeout: 60_000 };
const MIB = 1024 * 1024;
const GREETING = `\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.())).toString('hex')}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n`;

interface Stage {
  readonly daemon: TestDaemon;
  readonly upstart: UpstartClient;
  /** Another client is served, now. */
  serves(): Promise<void>;
}

const stage = async (): Promise<Stage> => {
  const daemon = new TestDaemon({ files: { 'web.conf': 'exec sleep 1000' } });
  const version = async (): Promise<string> => {
    const upstart = await connect(daemon.address);
    return upstart.version().finally(() => upstart.close());
  };
  await expect.poll(() => version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
  const client = await connect(daemon.address);
  onTestFinished(() => client.close());
  const serves = async (): Promise<void> => {
    const other = await connect(daemon.address);
    expect(await other.version()).toBe('init (upstart 1.13.2)');
    other.close();
  };
  return { daemon, upstart: client, serves };
};

const socketOf = ({ address }: TestDaemon): number => connectUnix(`@${address.slice('unix:abstract='.length)}`);

const residentBytes = ({ pid }: TestDaemon): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

const descriptors = ({ pid }: TestDaemon): number => readdirSync(`/proc/${pid}/fd`).length;

/** Send what the other side takes; who has gone takes nothing. */
const trySend = (fd: number, bytes: Buffer): number => {
  try {
    return sendUnix(fd, bytes) ?? 0;
  } catch (error) {
    if (error instanceof SystemError) return -1;
    throw error;
  }
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const calls = (count: number): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const { bytes } = encode({
        kind: 'call',
        path: '/com/ubuntu/Upstart',
        interface: 'org.freedesktop.DBus.Introspectable',
        member: 'Introspect',
        noReply: false,
        signature: '',
        body: [],
      });
      const one = Buffer.from(bytes);
      stampSerial(one, index + 1);
      return one;
    }),
  );

describe('the daemon outlives', { timeout: 120_000 }, () => {
  test('10,000 connections: no more are open at a time than may be, and all are closed in the end', async () => {
    const { daemon, serves } = await stage();
    const before = descriptors(daemon);
    const attack = async (count: number, greeting: string): Promise<void> => {
      const open: number[] = [];
      for (let made = 0; made < count; made++) {
        try {
          const fd = socketOf(daemon);
          open.push(fd);
          if (greeting !== '') trySend(fd, Buffer.from(greeting));
        } catch (error) {
          // The queue of the socket is full: the daemon is at work.
          if (!(error instanceof SystemError)) throw error;
          await turn();
        }
        if (open.length > 300) closeFd(open.shift() ?? -1);
      }
      await serves();
      for (const fd of open) closeFd(fd);
    };
    await attack(5_000, '');
    await attack(5_000, GREETING);
    await expect.poll(() => descriptors(daemon), SOON).toBeLessThanOrEqual(before + 1);
  });

  test('100,000 calls whose answers nobody reads', async () => {
    const { daemon, serves } = await stage();
    const batch = calls(1_000);
    const attack = async (): Promise<void> => {
      const fd = socketOf(daemon);
      trySend(fd, Buffer.from(GREETING));
      const pending = Array.from({ length: 100 }, () => batch);
      let refusals = 0;
      // It takes what it can answer, then no more: after that many refusals it has stopped reading.
      for (let bytes = pending.pop(); bytes !== undefined && refusals < 200; ) {
        const sent = trySend(fd, bytes);
        if (sent < 0) break;
        bytes = sent < bytes.length ? bytes.subarray(sent) : pending.pop();
        refusals = sent === 0 ? refusals + 1 : 0;
        await turn();
      }
      await serves();
      closeFd(fd);
    };
    await attack();
    const after = residentBytes(daemon);
    for (let round = 0; round < 3; round++) await attack();
    await serves();
    // What one attack costs comes back: three more cost no more than the first.
    expect(residentBytes(daemon) - after).toBeLessThan(48 * MIB);
    expect(after).toBeLessThan(400 * MIB);
  });

  test('signals that nobody reads', async () => {
    const { daemon, upstart, serves } = await stage();
    const fd = socketOf(daemon);
    trySend(fd, Buffer.from(GREETING));
    const big = [`A=${'x'.repeat(32_000)}`];
    const events = Array.from({ length: 400 }, () => upstart.emit('big', big));
    await Promise.all(events);
    await serves();
    closeFd(fd);
    expect(residentBytes(daemon)).toBeLessThan(400 * MIB);
  });

  test('authentications that never end', async () => {
    const { daemon, serves } = await stage();
    const peers = Array.from({ length: 100 }, () => socketOf(daemon));
    for (let round = 0; round < 50; round++) {
      for (const fd of peers) trySend(fd, Buffer.from(round === 0 ? '\0AUTH ' : 'x'));
      if (round % 10 === 0) await serves();
    }
    for (const fd of peers) closeFd(fd);
    await serves();
  });

  test('a flood of wrong messages: each costs its sender the connection', async () => {
    const { daemon, serves } = await stage();
    const wrong = calls(1);
    wrong.writeUInt8(0x7a, wrong.length - 1);
    wrong.writeUInt32LE(0xfffffff0, 4);
    for (let round = 0; round < 200; round++) {
      const fd = socketOf(daemon);
      trySend(fd, Buffer.concat([Buffer.from(GREETING), wrong]));
      if (round % 50 === 0) {
        await serves();
        await expect.poll(() => endOf(fd), SOON).toBe('ended');
      }
      closeFd(fd);
    }
    await serves();
  });

  const missing = missingBus();
  test.skipIf(missing)(
    'what peers on a bus may send: it stays on the bus, and its other callers are answered',
    async () => {
      const bus = await new TestBus('session').start();
      onTestFinished(() => bus.stop());
      const daemon = new TestDaemon({ env: { DBUS_SESSION_BUS_ADDRESS: bus.address } });
      const upstart = await connect({ bus: bus.address });
      onTestFinished(() => upstart.close());
      await expect.poll(() => upstart.version().catch(() => ''), SOON).toBe('init (upstart 1.13.2)');
      const peer = await stubOnBus(bus.address, {}, undefined);
      const to = { destination: 'com.ubuntu.Upstart', path: '/com/ubuntu/Upstart', interface: 'com.ubuntu.Upstart0_6' };
      // A type h whose index has no descriptor: dbus-daemon lets it pass.
      const { bytes } = encode({
        ...to,
        kind: 'call',
        noReply: false,
        member: 'EmitEventWithFile',
        signature: 'sasbu',
        body: ['e', [], false, 0],
      });
      const forged = Buffer.from(bytes);
      forged[forged.indexOf('sasbu', 0, 'latin1') + 4] = 'h'.charCodeAt(0);
      peer.connection.sendEncoded({ bytes: forged, fds: [] });
      const huge = peer.connection.call({
        ...to,
        member: 'EmitEvent',
        signature: 'sasb',
        body: ['x'.repeat(40 * MIB), [], false],
      });
      await expect(huge).rejects.toMatchObject({ name: expect.stringMatching(/^org\.freedesktop\.DBus\.Error\./) });
      expect(await upstart.version()).toBe('init (upstart 1.13.2)');
      expect(daemon.err.text).not.toContain('Disconnected from');
    },
  );
});

/** Whether the other side has ended the connection. */
const endOf = (fd: number): 'open' | 'ended' => {
  const buffer = Buffer.alloc(4096);
  try {
    for (;;) {
      const received = receiveUnix(fd, buffer);
      if (received === undefined) return 'open';
      if (received.bytes === 0) return 'ended';
    }
  } catch (error) {
    if (error instanceof SystemError) return 'ended';
    throw error;
  }
};
