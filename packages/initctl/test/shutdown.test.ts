import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { appendWtmp, writeUtmp } from '@maverick/spawner';
import { describe, expect, test } from 'vitest';
import { broadcastText } from '../src/broadcast.js';
import { InitctlError } from '../src/errors.js';
import { FakeMachine } from './helpers/fake-machine.js';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const HINT = "Try `shutdown --help' for more information.\n";
const DONE = { status: 0, stdout: '', stderr: '' };

/** A machine on whose terminal `pts/7` somebody is logged in. */
const stage = () => {
  const machine = new FakeMachine();
  const fake = fakeUpstart({});
  const terminal = join(machine.devices, 'pts', '7');
  mkdirSync(join(machine.devices, 'pts'));
  writeFileSync(terminal, '');
  writeUtmp({ type: 'user-process', pid: 99, line: 'pts/7', id: 'ts/7', user: 'ann' }, machine.utmp);
  return {
    machine,
    calls: fake.calls,
    shutdown: (...line: readonly string[]) => run(line, { program: '/sbin/shutdown', machine, client: fake.client }),
    /** Everything that appeared on the terminal, without the lines that say who speaks. */
    told: (): string[] =>
      readFileSync(terminal, 'utf8')
        .split('\x07')
        .slice(1)
        .map((text) => text.slice(text.indexOf('\r\n\r\n') + 4)),
    terminal,
  };
};

describe('now', () => {
  test.each([
    { line: [], event: 'RUNLEVEL=1 PREVLEVEL=N', purpose: 'maintenance' },
    { line: ['-r'], event: 'RUNLEVEL=6 PREVLEVEL=N', purpose: 'reboot' },
    { line: ['-h'], event: 'RUNLEVEL=0 PREVLEVEL=N', purpose: 'halt' },
    { line: ['-H'], event: 'RUNLEVEL=0 PREVLEVEL=N INIT_HALT=HALT', purpose: 'halt' },
    { line: ['-h', '-P'], event: 'RUNLEVEL=0 PREVLEVEL=N INIT_HALT=POWEROFF', purpose: 'power off' },
    {
      line: ['-hP', '-a', '-n', '-fFy', '-i', '3', '-t5'],
      event: 'RUNLEVEL=0 PREVLEVEL=N INIT_HALT=POWEROFF',
      purpose: 'power off',
    },
    { line: ['-P', '-r'], event: 'RUNLEVEL=6 PREVLEVEL=N', purpose: 'reboot' },
  ])('$line: $event', async ({ line, event, purpose }) => {
    const { shutdown, calls, told, machine } = stage();
    expect(await shutdown(...line, 'now', 'see', 'you')).toEqual(DONE);
    expect(calls).toEqual([`emit runlevel ${event} without waiting`]);
    expect(told()).toEqual([`\rThe system is going down for ${purpose} NOW!\r\nsee you \r\n`]);
    expect(machine.records('wtmp')).toHaveLength(2);
    expect(machine.calls).toEqual([]);
  });

  test('-k only warns', async () => {
    const { shutdown, calls, told } = stage();
    expect(await shutdown('-k', '+10')).toEqual(DONE);
    expect(calls).toEqual([]);
    expect(told()).toEqual(['\rThe system is going down for maintenance in 10 minutes!\r\n']);
  });
});

test.each([
  { line: [], text: 'time expected' },
  { line: ['-r'], text: 'time expected' },
  { line: ['+x'], text: 'illegal time value' },
  { line: ['25:00'], text: 'illegal hour value' },
  { line: ['5:99'], text: 'illegal minute value' },
  { line: ['-g', 'x', 'word'], text: 'illegal time value' },
])('$line: $text', async ({ line, text }) => {
  const { shutdown, told } = stage();
  expect(await shutdown(...line)).toEqual({ status: 1, stdout: '', stderr: `shutdown: ${text}\n${HINT}` });
  expect(told()).toEqual([]);
});

test('only root may', async () => {
  const machine = new FakeMachine();
  expect(await run(['now'], { program: 'shutdown', machine, uid: 1000 })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'shutdown: Need to be root\n',
  });
});

describe('later', () => {
  test('everybody is told, more and more often, and nobody may log in at the end', async () => {
    const { shutdown, calls, told, machine } = stage();
    const seen: string[] = [];
    machine.duringMinute = (minute) => {
      const files = [machine.shutdownPid, machine.nologin].filter((path) => existsSync(path));
      seen.push(`${minute}: ${files.length}`);
      if (minute === 1) expect(readFileSync(machine.shutdownPid, 'utf8')).toBe(`${process.pid}\n`);
      if (minute === 12) expect(readFileSync(machine.nologin, 'utf8')).toContain('for reboot in 5 minutes!\r\nbye ');
    };
    expect(await shutdown('-r', '+16', 'bye')).toEqual(DONE);
    expect(seen).toEqual(Array.from({ length: 16 }, (_, index) => `${index + 1}: ${index < 11 ? 1 : 2}`));
    const at = (minutes: number) => `\rThe system is going down for reboot in ${minutes} minutes!\r\nbye \r\n`;
    expect(told()).toEqual([
      ...[16, 15, 9, 8, 7, 6, 5, 4, 3, 2].map(at),
      at(1).replace('minutes', 'minute'),
      '\rThe system is going down for reboot NOW!\r\nbye \r\n',
    ]);
    expect(calls).toEqual(['emit runlevel RUNLEVEL=6 PREVLEVEL=N without waiting']);
    expect([machine.shutdownPid, machine.nologin].filter((path) => existsSync(path))).toEqual([]);
  });

  test.each(['SIGINT', 'SIGQUIT', 'SIGTERM'] as const)('%s cancels it', async (signal) => {
    const { shutdown, calls, machine } = stage();
    machine.duringMinute = () => process.emit(signal);
    expect(await shutdown('-h', '+2')).toEqual({ status: 0, stdout: '', stderr: 'shutdown: Shutdown cancelled\n' });
    expect(calls).toEqual([]);
    expect([machine.shutdownPid, machine.nologin].filter((path) => existsSync(path))).toEqual([]);
    expect(process.listenerCount(signal)).toBe(0);
  });

  test('-g has the time: every operand is message', async () => {
    const { shutdown, told } = stage();
    expect(await shutdown('-k', '-g', '13:07', '+3', 'go')).toEqual(DONE);
    expect(told()).toEqual(['\rThe system is going down for maintenance in 2 minutes!\r\n+3 go \r\n']);
  });

  test('a nologin file of somebody else’s stays', async () => {
    const { shutdown, machine } = stage();
    writeFileSync(machine.nologin, 'by the administrator');
    await shutdown('now');
    expect(readFileSync(machine.nologin, 'utf8')).toBe('by the administrator');
  });
});

describe('another shutdown', () => {
  test('is not joined', async () => {
    const { shutdown, machine, told, calls } = stage();
    writeFileSync(machine.shutdownPid, '4711\n');
    machine.processes.add(4711);
    expect(await shutdown('now')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'shutdown: Another shutdown is already running\n',
    });
    expect([told(), calls]).toEqual([[], []]);
    expect(existsSync(machine.shutdownPid)).toBe(true);
  });

  test('one that is dead does not count', async () => {
    const { shutdown, machine, calls } = stage();
    writeFileSync(machine.shutdownPid, '4711\n');
    expect(await shutdown('now')).toEqual(DONE);
    expect(calls).toHaveLength(1);
  });

  test('is cancelled by -c, with a message for everybody', async () => {
    const { shutdown, machine, told } = stage();
    writeFileSync(machine.shutdownPid, '4711\n');
    machine.processes.add(4711);
    expect(await shutdown('-c', 'not', 'now')).toEqual(DONE);
    expect(machine.calls).toEqual(['kill 4711 SIGINT']);
    expect(told()).toEqual(['not now \r\n']);
    expect(await shutdown('-c')).toEqual(DONE);
    expect(told()).toHaveLength(1);
  });

  test.each([
    { content: undefined, text: 'Cannot find pid of running shutdown' },
    { content: 'nonsense', text: 'Cannot find pid of running shutdown' },
    { content: '4711\n', text: 'Shutdown is not running' },
  ])('-c with $content: $text', async ({ content, text }) => {
    const { shutdown, machine } = stage();
    if (content !== undefined) writeFileSync(machine.shutdownPid, content);
    expect(await shutdown('-c')).toEqual({ status: 1, stdout: '', stderr: `shutdown: ${text}\n` });
  });
});

describe('where Upstart does not answer', () => {
  const unreachable = async (): Promise<never> => {
    throw new InitctlError('cannot-connect', { to: 'Upstart', reason: 'Connection refused' });
  };

  test('an init of System V is asked', async () => {
    const machine = new FakeMachine();
    expect(await run(['-r', 'now'], { program: 'shutdown', machine, connect: unreachable })).toEqual(DONE);
    const [call] = machine.calls as [{ kind: string; path: string; bytes: Uint8Array }];
    expect(call).toMatchObject({ kind: 'request', path: machine.requestPipes[0] });
    expect(call.bytes).toHaveLength(384);
    const words = new Int32Array(call.bytes.buffer);
    expect([...words.slice(0, 5)]).toEqual([0x03091969, 1, '6'.charCodeAt(0), 5, 0]);
    // It writes the records itself.
    expect(machine.records('wtmp')).toEqual([]);
  });

  test('or the other one, or the failure is told', async () => {
    const machine = new FakeMachine();
    const paths: string[] = [];
    machine.perform = async (call) => {
      if (call.kind === 'request') paths.push(call.path);
      throw Object.assign(new Error('no reader'), { code: 'ENXIO' });
    };
    expect(await run(['now'], { program: 'shutdown', machine, connect: unreachable })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'shutdown: Unable to shutdown system\n',
    });
    expect(paths).toEqual(machine.requestPipes);
  });
});

describe('what everybody is told', () => {
  test('who speaks, where and when', () => {
    const text = broadcastText({ user: 'ann', host: 'box', terminal: 'pts/3' }, new Date(2026, 0, 2, 9, 5), 'TEXT');
    expect(text).toBe('\x07\r\nBroadcast message from ann@box\r\n\t(pts/3) at 9:05 ...\r\n\r\nTEXT');
  });

  test('is on the terminal of everybody, and on nothing else', async () => {
    const { shutdown, machine, terminal } = stage();
    const outside = join(machine.folder, 'outside');
    writeFileSync(outside, '');
    writeUtmp({ type: 'user-process', line: '../outside', id: 'x', user: 'eve' }, machine.utmp);
    writeUtmp({ type: 'user-process', line: 'pts/gone', id: 'y', user: 'bob' }, machine.utmp);
    writeUtmp({ type: 'dead-process', line: 'pts/7', id: 'z' }, machine.utmp);
    appendWtmp({ type: 'user-process', line: 'pts/8', id: 'w', user: 'old' }, machine.wtmp);
    await shutdown('-k', 'now');
    expect(readFileSync(terminal, 'utf8')).toMatch(
      `\x07\r\nBroadcast message from ${userInfo().username}@${hostname()}\r\n\t(`,
    );
    expect(readFileSync(outside, 'utf8')).toBe('');
  });
});
