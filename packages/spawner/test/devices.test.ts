import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseKernelMessage, parseUdevMessage } from '../src/device-message.js';
import { murmurHash2 } from '../src/murmur-hash.js';
import { runFixture } from './helpers/node.js';
import { hasProgram } from './helpers/programs.js';

const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0 && hasProgram('ip');
if (!canUnshare) console.warn('skipped: only root can make network devices of its own');

/** A message as udevd sends it. */
const udevMessage = (properties: string, change: (header: Buffer) => void = () => {}): Buffer => {
  const header = Buffer.alloc(40);
  header.write('libudev\0');
  header.writeUInt32BE(0xfeedcafe, 8);
  header.writeUInt32LE(40, 12);
  header.writeUInt32LE(40, 16);
  header.writeUInt32LE(Buffer.byteLength(properties), 20);
  header.writeUInt32BE(murmurHash2(Buffer.from('net')), 24);
  change(header);
  return Buffer.concat([header, Buffer.from(properties)]);
};
const PROPERTIES = 'ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=net\0ID_BUS=usb\0';

describe.skipIf(!canUnshare)('the kernel', () => {
  test('tells of each device that comes and goes, in order', () => {
    const { stdout, stderr } = runFixture('devices.mjs', [], ['unshare', '-n']);
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => /^(add|remove) \/devices\/virtual\/net\/\w+ /.test(line));
    const names = 'ACTION,DEVPATH,SUBSYSTEM';
    expect(lines.sort()).toEqual([
      `add /devices/virtual/net/left left ${names}`,
      `add /devices/virtual/net/right right ${names}`,
      `remove /devices/virtual/net/left left ${names}`,
      `remove /devices/virtual/net/right right ${names}`,
    ]);
  });

  test('tells more than the buffer holds: that something is lost, and what comes later', () => {
    expect(runFixture('device-storm.mjs', [], ['unshare', '-n'])).toMatchObject({ stdout: 'true true\n', stderr: '' });
  });
});

describe.skipIf(!canUnshare)('who sends', () => {
  test.each([
    { source: 'udev', what: 'root is believed as udevd', told: 'change /devices/sent net\n' },
    { source: 'kernel', what: 'nobody but the kernel is believed as the kernel', told: '' },
  ])('$what', ({ source, told }) => {
    const text = 'ACTION=change\0DEVPATH=/devices/sent\0SUBSYSTEM=net\0';
    const message = source === 'udev' ? udevMessage(text) : Buffer.from(`change@/devices/sent\0${text}`);
    const { stdout, stderr } = runFixture('send-device.mjs', [source, message.toString('hex')], ['unshare', '-n']);
    expect({ stdout, stderr }).toEqual({ stdout: `${told}end\n`, stderr: '' });
  });
});

describe('a message of the kernel', () => {
  const read = (text: string) => parseKernelMessage(Buffer.from(text));

  test('is an action, a path and properties in their order', () => {
    const text = 'add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=tty\0EMPTY=\0A=B=C\0SEQNUM=7\0';
    expect(read(text)).toEqual({
      action: 'add',
      devpath: '/devices/x',
      subsystem: 'tty',
      properties: [
        ['ACTION', 'add'],
        ['DEVPATH', '/devices/x'],
        ['SUBSYSTEM', 'tty'],
        ['EMPTY', ''],
        ['A', 'B=C'],
        ['SEQNUM', '7'],
      ],
    });
  });

  test.each([
    { what: 'nothing', text: '' },
    { what: 'no end of the first line', text: 'add@/devices/x' },
    { what: 'no path in the first line', text: 'add\0ACTION=add\0DEVPATH=/x\0' },
    { what: 'no action', text: 'add@/x\0DEVPATH=/x\0' },
    { what: 'no path', text: 'add@/x\0ACTION=add\0' },
    { what: 'udev’s header', text: 'libudev\0ACTION=add\0DEVPATH=/x\0' },
  ])('with $what is none', ({ text }) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('a message of udevd', () => {
  test('is properties behind a header', () => {
    expect(parseUdevMessage(udevMessage(PROPERTIES))).toMatchObject({
      action: 'add',
      devpath: '/devices/x',
      subsystem: 'net',
      properties: expect.arrayContaining([['ID_BUS', 'usb']]),
    });
  });

  test.each<{ what: string; change: (header: Buffer) => void }>([
    { what: 'another prefix', change: (header) => header.write('libudeV\0') },
    { what: 'another magic number', change: (header) => header.writeUInt32BE(0xfeedcaff, 8) },
    { what: 'properties that begin in the header', change: (header) => header.writeUInt32LE(39, 16) },
    { what: 'properties that end beyond the message', change: (header) => header.writeUInt32LE(4000, 20) },
    { what: 'sizes that overflow', change: (header) => header.writeUInt32LE(0xffffffff, 16) },
    { what: "another subsystem's hash", change: (header) => header.writeUInt32BE(murmurHash2(Buffer.from('tty')), 24) },
  ])('with $what is none', ({ change }) => {
    expect(parseUdevMessage(udevMessage(PROPERTIES, change))).toBeUndefined();
  });

  test('that is cut anywhere is none, or the whole beginning of it', () => {
    const whole = udevMessage(PROPERTIES);
    for (let end = 0; end < whole.length; end++) expect(parseUdevMessage(whole.subarray(0, end))).toBeUndefined();
  });

  test.each([
    // As the reference implementation of MurmurHash2 gives them with seed 0.
    { text: '', hash: 0 },
    { text: 'a', hash: 0x92685f5e },
    { text: 'ab', hash: 0x1aa14063 },
    { text: 'abc', hash: 0x13577c9b },
    { text: 'net', hash: 0xa74d3cc8 },
    { text: 'usb_device', hash: 0x27f8f50c },
  ])('has the hash of $text', ({ text, hash }) => {
    expect(murmurHash2(Buffer.from(text)).toString(16)).toBe(hash.toString(16));
  });
});
