import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DeviceEvent, DeviceWatch, DeviceWatchOptions } from '@maverick/spawner';
import { expect, onTestFinished, test } from 'vitest';
import { udevBridgeWith } from '../src/udev-bridge.js';
import { FakeDaemon, jobsOn } from './helpers/fake-daemon.js';
import { SOON } from './helpers/scene.js';

const UPSTART = join(import.meta.dirname, '../../init/bin/upstart.js');
const canUnshare = spawnSync('unshare', ['-n', '-m', 'sh', '-ec', 'mount -t sysfs none /sys; ip link']).status === 0;
if (!canUnshare) console.warn('skipped: only root can make network devices of its own');
const UDEVD = ['/usr/lib/systemd/systemd-udevd', '/lib/systemd/systemd-udevd', '/sbin/udevd'].find(existsSync);
if (!UDEVD) console.warn('skipped: there is no udevd');

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'maverick-udev-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** A bridge on places and messages of the test's own. */
const start = (strip = true) => {
  const home = folder();
  const places = { sys: join(home, 'sys'), udevData: join(home, 'data'), udevControl: join(home, 'control') };
  const watches = new Map<string, DeviceWatchOptions>();
  const watch = (options: DeviceWatchOptions) => {
    watches.set(options.source, options);
    // Of a watch the bridge uses no more than its end.
    return { close: () => {} } as DeviceWatch;
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  /** Have a device below `sys`. */
  const device = (subsystem: string, devpath: string, uevent: string) => {
    write(`sys${devpath}/uevent`, uevent);
    const name = devpath.split('/').at(-1) ?? '';
    for (const made of [`sys/class/${subsystem}`]) mkdirSync(join(home, made), { recursive: true });
    symlinkSync(join(places.sys, 'class', subsystem), join(places.sys, devpath, 'subsystem'));
    symlinkSync(join(places.sys, devpath), join(places.sys, 'class', subsystem, name));
  };
  const daemon = new FakeDaemon();
  const bridge = udevBridgeWith({ strip, places, watch }).make(daemon);
  onTestFinished(() => bridge.close(false));
  const happen = (source: string, event: DeviceEvent) => watches.get(source)?.onDevice(event);
  return { daemon, bridge, happen, overflow: (source: string) => watches.get(source)?.onOverflow(), device, write };
};

const eventOf = (
  action: string,
  subsystem: string,
  devpath: string,
  more: readonly (readonly [string, string])[] = [],
) => ({
  action,
  subsystem,
  devpath,
  properties: [['ACTION', action] as const, ['DEVPATH', devpath] as const, ['SUBSYSTEM', subsystem] as const, ...more],
});

test.each([
  { action: 'add', name: 'tty-device-added' },
  { action: 'change', name: 'tty-device-changed' },
  { action: 'remove', name: 'tty-device-removed' },
  { action: 'online', name: 'tty-device-online' },
  { action: 'bind', name: 'tty-device-bind' },
])('$action is $name, with the variables in the order of the original', async ({ action, name }) => {
  const { daemon, bridge, happen } = start();
  bridge.follow([]);
  happen(
    'kernel',
    eventOf(action, 'tty', '/devices/x/ttyUSB0', [
      ['MAJOR', '188'],
      ['DEVNAME', 'ttyUSB0'],
      ['SEQNUM', '7'],
    ]),
  );
  expect(daemon.told).toEqual([
    `${name} KERNEL=ttyUSB0 DEVPATH=/devices/x/ttyUSB0 DEVNAME=/dev/ttyUSB0 SUBSYSTEM=tty ACTION=${action} MAJOR=188 SEQNUM=7`,
  ]);
});

test.each([
  { strip: true, value: 'ab' },
  { strip: false, value: 'a\u00e4\u0007b' },
])('with strip $strip what can not be printed is $value', ({ strip, value }) => {
  const { daemon, bridge, happen } = start(strip);
  bridge.follow([]);
  happen('kernel', eventOf('add', 'usb', '/devices/x', [['ID_MODEL', 'a\u00e4\u0007b']]));
  expect(daemon.told[0]).toContain(`ID_MODEL=${value}`);
});

test('udevd is listened to where it runs, else the kernel', () => {
  const { daemon, bridge, happen, write } = start();
  bridge.follow([]);
  happen('kernel', eventOf('add', 'net', '/devices/a'));
  happen('udev', eventOf('add', 'net', '/devices/b'));
  write('control', '');
  happen('kernel', eventOf('add', 'net', '/devices/c'));
  happen('udev', eventOf('add', 'net', '/devices/d'));
  expect(daemon.told.map((text) => /KERNEL=(\w+)/.exec(text)?.[1])).toEqual(['a', 'd']);
});

test('a job that comes is told of the devices that are there, others hear nothing of other jobs', async () => {
  const { daemon, bridge, device } = start();
  device('net', '/devices/virtual/net/lo', 'INTERFACE=lo\nIFINDEX=1\n');
  device('tty', '/devices/x/ttyS0', 'MAJOR=4\nMINOR=64\nDEVNAME=ttyS0\n');
  bridge.follow(jobsOn('net-device-added', ['INTERFACE=lo']));
  const told = [
    'net-device-added KERNEL=lo DEVPATH=/devices/virtual/net/lo SUBSYSTEM=net ACTION=add INTERFACE=lo IFINDEX=1',
  ];
  expect(daemon.told).toEqual(told);
  await Promise.resolve();
  bridge.lost();
  bridge.follow(jobsOn('net-device-added', ['INTERFACE=lo']));
  bridge.follow([...jobsOn('net-device-added', ['INTERFACE=lo']), ...jobsOn('tty-device-removed', [])]);
  expect(daemon.told).toEqual(told);
});

test('where udevd runs, a device that is there has what udevd knows of it, once it knows it', () => {
  const { daemon, bridge, device, write } = start();
  write('control', '');
  device('tty', '/devices/x/ttyS0', 'MAJOR=4\nMINOR=64\nDEVNAME=ttyS0\n');
  bridge.follow(jobsOn('tty-device-added', []));
  expect(daemon.told).toEqual([]);
  write('data/c4:64', 'S:serial/x\nI:12345\nE:ID_BUS=usb\n');
  bridge.follow(jobsOn('tty-device-added', ['ID_BUS=usb']));
  expect(daemon.told).toEqual([expect.stringMatching(/ DEVNAME=\/dev\/ttyS0 .* ID_BUS=usb$/)]);
});

test('when messages are lost, that is said, and what jobs ask for is told anew', () => {
  const { daemon, bridge, device, overflow } = start();
  device('net', '/devices/virtual/net/lo', 'INTERFACE=lo\n');
  bridge.follow(jobsOn('net-device-added', []));
  overflow('kernel');
  expect(daemon.told).toHaveLength(2);
  expect(daemon.said).toEqual([expect.stringMatching(/some are lost/)]);
});

/** A daemon in a network of its own, with the udev bridge inside; its jobs may write to `out`. */
const daemonOn = (jobs: Readonly<Record<string, string>>, prepare = ':') => {
  const home = folder();
  const out = join(home, 'out');
  for (const [name, text] of Object.entries(jobs)) {
    writeFileSync(join(home, `${name}.conf`), `${text.replaceAll('$OUT', out)}\n`);
  }
  const upstart = [process.execPath, UPSTART, '--user', '--confdir', home, '--no-dbus', '--bridge', 'udev'];
  const args = ['-n', '-m', 'sh', '-ec', `${prepare}; exec "$@"`, 'sh', ...upstart];
  const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home };
  const daemon = spawn('unshare', args, { env, stdio: 'ignore' });
  onTestFinished(async () => {
    const gone = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await gone;
  });
  return () => (existsSync(out) ? readFileSync(out, 'utf8') : '');
};

const says = (word: string, more = '') => `task\nexec sh -c "echo ${word} $SUBSYSTEM $KERNEL $ACTION${more} >> $OUT"`;

test.skipIf(!canUnshare)('a network device that comes and goes, by the kernel and a daemon', async () => {
  const read = daemonOn({
    there: `start on net-device-added INTERFACE=lo\n${says('there')}`,
    make: 'start on stopped there\ntask\nexec ip link add left type veth peer name right',
    come: `start on net-device-added INTERFACE=left\n${says('come')}`,
    take: 'start on stopped come\ntask\nexec ip link del left',
    go: `start on net-device-removed INTERFACE=left\n${says('go')}`,
  });
  await expect.poll(read, SOON).toBe('there net lo add\ncome net left add\ngo net left remove\n');
});

// Its only rule is the test's: those of the machine are for the devices of the machine.
const UDEV_PLACES = [
  'mount -t tmpfs none /run',
  'mount -t sysfs none /sys',
  'mount -t tmpfs none /usr/lib/udev/rules.d',
  'mkdir -p /run/udev/rules.d',
  `printf '%s\\n' 'SUBSYSTEM=="net", ENV{RULE}="done"' > /run/udev/rules.d/1.rules`,
].join(';');

test.skipIf(!canUnshare || !UDEVD)(
  'by a real udevd: with what its rules have said, also of what was there before',
  async () => {
    const read = daemonOn(
      {
        udevd: `start on startup\nexec ${UDEVD}\npost-start exec udevadm control --ping`,
        make: 'start on started udevd\ntask\nexec ip link add left type veth peer name right',
        come: `start on net-device-added INTERFACE=left\n${says('come', ' $RULE')}`,
        // It is read when the device is there, and known to udevd.
        late: 'start on stopped come\ntask\nexec sh -c \'printf "start on net-device-added INTERFACE=right\\ntask\\nexec echo late \\$RULE >> $OUT\\n" > $(dirname $OUT)/known.conf\'',
        take: 'start on stopped known\ntask\nexec ip link del left',
        go: `start on net-device-removed INTERFACE=left\n${says('go', ' $RULE')}`,
      },
      UDEV_PLACES,
    );
    // Who asks for the same subsystem hears it again when a job comes.
    const lines = () => [...new Set(read().split('\n'))];
    await expect.poll(lines, SOON).toEqual(['come net left add done', 'late done', 'go net left remove done', '']);
  },
);
