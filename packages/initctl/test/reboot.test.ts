import { describe, expect, test } from 'vitest';
import { InitctlError } from '../src/errors.js';
import { FakeMachine } from './helpers/fake-machine.js';
import { run } from './helpers/run.js';

const SHUTDOWN_RECORD = 'run-level 0 ~ ~~ shutdown 6.1.0-test';
const become = (...options: readonly string[]) => ({
  kind: 'become',
  path: '/sbin/shutdown',
  argv: ['shutdown', ...options, 'now'],
});

const play = async (program: string, line: readonly string[], env = {}) => {
  const machine = new FakeMachine();
  const ran = await run(line, { program: `/sbin/${program}`, machine, env });
  expect(ran).toEqual({ status: 0, stdout: '', stderr: '' });
  return { calls: machine.calls, records: machine.records('wtmp') };
};

describe('left to shutdown', () => {
  test.each([
    { program: 'reboot', line: [], options: ['-r'] },
    { program: 'reboot', line: ['-p', '-d', '-i', '-h'], options: ['-r'] },
    { program: 'halt', line: [], options: ['-h', '-H'] },
    { program: 'halt', line: ['-p'], options: ['-h', '-P'] },
    { program: 'poweroff', line: ['--no-sync'], options: ['-h', '-P'] },
  ])('$program $line', async ({ program, line, options }) => {
    expect(await play(program, line)).toEqual({ calls: [become(...options)], records: [] });
  });
});

describe('done at once', () => {
  const records = [SHUTDOWN_RECORD];

  test.each([
    { program: 'reboot', line: ['-f'], how: 'restart' },
    { program: 'halt', line: ['--force'], how: 'halt' },
    { program: 'halt', line: ['-fp'], how: 'poweroff' },
    { program: 'poweroff', line: ['-f'], how: 'poweroff' },
  ])('$program $line', async ({ program, line, how }) => {
    expect(await play(program, line)).toEqual({ calls: ['sync', { kind: 'reboot', how }], records });
  });

  test.each(['0', '6'])('in level %s, on the way down already', async (RUNLEVEL) => {
    expect(await play('reboot', [], { RUNLEVEL })).toEqual({
      calls: ['sync', { kind: 'reboot', how: 'restart' }],
      records,
    });
  });

  test('without syncing, and with a word for the boot loader', async () => {
    expect(await play('reboot', ['-nf', 'recovery'])).toEqual({
      calls: [{ kind: 'reboot', how: 'restart', command: 'recovery' }],
      records,
    });
  });

  test('--wtmp-only ends nothing', async () => {
    expect(await play('reboot', ['-w'])).toEqual({ calls: [], records });
    expect(await play('halt', ['-fw'])).toEqual({ calls: [], records });
  });
});

test('where it may not, nothing is recorded either', async () => {
  const machine = new FakeMachine();
  machine.refuses = new InitctlError('not-the-systems', { path: '/sbin/reboot' });
  expect(await run(['-f'], { program: 'reboot', machine })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'reboot: Not done: this program is not the /sbin/reboot of this system\n',
  });
  expect([machine.calls, machine.records('wtmp')]).toEqual([[], []]);
});

test.each(['reboot', 'halt', 'poweroff'])('%s is for root', async (program) => {
  const machine = new FakeMachine();
  expect(await run(['-f'], { program, machine, uid: 1000 })).toEqual({
    status: 1,
    stdout: '',
    stderr: `${program}: Need to be root\n`,
  });
  expect(machine.calls).toEqual([]);
});
