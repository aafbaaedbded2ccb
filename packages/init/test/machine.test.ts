import { expect, test } from 'vitest';
import { type MachinePort, setUpMachine } from '../src/machine.js';

/** A machine that only writes down what is done to it. */
const machine = (there: readonly string[], mounted: readonly string[] = [], failing?: string) => {
  const done: string[] = [];
  const act = (what: string): void => {
    if (what === failing) throw Object.assign(new Error('no'), { code: 'EPERM' });
    done.push(what);
  };
  const port: MachinePort = {
    exists: (path) => there.includes(path),
    isMountPoint: (path) => mounted.includes(path),
    mount: ({ target, type, data = '' }) => act(`mount ${type} ${target} ${data}`.trim()),
    makeNode: (path, mode, device) => act(`node ${path} ${mode.toString(8)} ${device.join(':')}`),
    makeDirectory: (path) => act(`directory ${path}`),
    newSession: () => act('session'),
    setUmask: (mask) => act(`umask ${mask.toString(8)}`),
    openConsole: () => act('console'),
    chdir: (path) => act(`chdir ${path}`),
    setPath: () => act('PATH'),
  };
  return { done, missing: setUpMachine(port) };
};

const NODES = ['/dev/null', '/dev/tty', '/dev/console', '/dev/kmsg'];

test('a bare machine gets everything, in this order', () => {
  expect(machine([])).toEqual({
    missing: [],
    done: [
      'session',
      'umask 22',
      'mount devtmpfs /dev mode=0755',
      'node /dev/ptmx 666 5:2',
      'directory /dev/pts',
      'mount devpts /dev/pts gid=5,mode=0620',
      'node /dev/null 666 1:3',
      'node /dev/tty 666 5:0',
      'node /dev/console 600 5:1',
      'node /dev/kmsg 600 1:11',
      'console',
      'PATH',
      'chdir /',
      'mount proc /proc',
      'mount sysfs /sys',
    ],
  });
});

test('control groups are mounted where the kernel has them, and nobody else has mounted any', () => {
  const mounted = 'mount cgroup2 /sys/fs/cgroup nsdelegate';
  expect(machine(['/sys/fs/cgroup']).done.slice(-2)).toEqual(['mount sysfs /sys', mounted]);
  expect(machine(['/sys/fs/cgroup'], ['/sys/fs/cgroup']).done).not.toContain(mounted);
});

test('what is there, and what is mounted already, is left alone', () => {
  const there = ['/dev/ptmx', '/dev/pts', ...NODES];
  expect(machine(there, ['/dev/pts', '/proc', '/sys'])).toEqual({
    missing: [],
    done: ['session', 'umask 22', 'console', 'PATH', 'chdir /'],
  });
});

test('a /dev that somebody has mounted gets only what is missing in it', () => {
  const { done } = machine(NODES, ['/dev', '/dev/pts', '/proc', '/sys']);
  expect(done.slice(2, 4)).toEqual(['node /dev/ptmx 666 5:2', 'directory /dev/pts']);
});

test('what can not be done is told, and everything else is done', () => {
  const whole = machine([]).done;
  const { done, missing } = machine([], [], 'mount devpts /dev/pts gid=5,mode=0620');
  expect(missing).toEqual(['Unable to mount /dev/pts: no']);
  expect(done).toEqual(whole.filter((what) => !what.includes('devpts')));
});

test('who leads a process group already can lead no session, and needs none', () => {
  expect(machine([], [], 'session').missing).toEqual([]);
});
