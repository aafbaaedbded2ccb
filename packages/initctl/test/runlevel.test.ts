import { appendWtmp, writeUtmp } from '@maverick/spawner';
import { describe, expect, test } from 'vitest';
import { recordLevel, recordShutdown } from '../src/runlevel-record.js';
import { FakeMachine } from './helpers/fake-machine.js';
import { run } from './helpers/run.js';

const BOOT = 'boot-time 0 ~ ~~ reboot 6.1.0-test';
const N = 0;
const level = (current: string, previous: string | typeof N): string =>
  `run-level ${current}<${previous === N ? N : previous.charCodeAt(0)} ~ ~~ runlevel 6.1.0-test`;

describe('what is recorded of a change of level', () => {
  test('from no level: the machine was started', () => {
    const machine = new FakeMachine();
    recordLevel(machine, { current: '2', previous: 'N' });
    expect(machine.records('utmp')).toEqual([BOOT, level('2', N)]);
    expect(machine.records('wtmp')).toEqual([BOOT, level('2', N)]);
  });

  test('utmp has one record of each kind, wtmp all of them', () => {
    const machine = new FakeMachine();
    recordLevel(machine, { current: '2', previous: 'N' });
    recordLevel(machine, { current: '3', previous: '2' });
    expect(machine.records('utmp')).toEqual([BOOT, level('3', '2')]);
    expect(machine.records('wtmp')).toEqual([BOOT, level('2', N), level('3', '2')]);
  });

  test('each file is judged by itself', () => {
    const machine = new FakeMachine();
    writeUtmp({ type: 'run-level', pid: '2'.charCodeAt(0) }, machine.utmp);
    appendWtmp({ type: 'run-level', pid: '6'.charCodeAt(0) }, machine.wtmp);
    recordLevel(machine, { current: '3', previous: '2' });
    expect(machine.records('utmp')).toEqual([level('3', '2')]);
    expect(machine.records('wtmp').slice(1)).toEqual([BOOT, level('3', '2')]);
  });

  test('after a shutdown there is no level', () => {
    const machine = new FakeMachine();
    recordLevel(machine, { current: '0', previous: 'N' });
    recordShutdown(machine);
    expect(machine.records('utmp')).toEqual([BOOT, 'run-level 0 ~ ~~ shutdown 6.1.0-test']);
    recordLevel(machine, { current: '2', previous: 'N' });
    expect(machine.records('wtmp')).toEqual([
      BOOT,
      level('0', N),
      'run-level 0 ~ ~~ shutdown 6.1.0-test',
      BOOT,
      level('2', N),
    ]);
  });

  test('a machine without the files keeps none', () => {
    const machine = new FakeMachine();
    const without = Object.assign(Object.create(machine), { utmp: '/nonexistent/utmp', wtmp: '/nonexistent/wtmp' });
    expect(() => recordLevel(without, { current: '2', previous: 'N' })).not.toThrow();
    expect(() => recordShutdown(without)).not.toThrow();
  });
});

describe('runlevel', () => {
  const unknown = { status: 1, stdout: 'unknown\n', stderr: '' };

  test('previous and current level of the file', async () => {
    const machine = new FakeMachine();
    const show = (...operands: string[]) => run(operands, { program: 'runlevel', machine });
    expect(await show()).toEqual(unknown);
    recordLevel(machine, { current: '2', previous: 'N' });
    expect(await show()).toEqual({ status: 0, stdout: 'N 2\n', stderr: '' });
    recordLevel(machine, { current: 'S', previous: '2' });
    expect(await show()).toEqual({ status: 0, stdout: '2 S\n', stderr: '' });
    recordShutdown(machine);
    expect(await show()).toEqual(unknown);
    expect(await show(machine.wtmp)).toEqual(unknown);
    expect(await show('-q')).toEqual({ ...unknown, stdout: '' });
  });

  test.each([
    { env: { RUNLEVEL: '3', PREVLEVEL: '2' }, stdout: '2 3\n', status: 0 },
    { env: { RUNLEVEL: '3' }, stdout: 'N 3\n', status: 0 },
    { env: { RUNLEVEL: 'N', PREVLEVEL: '2' }, stdout: 'unknown\n', status: 1 },
    { env: { RUNLEVEL: '', PREVLEVEL: '2' }, stdout: 'unknown\n', status: 1 },
  ])('$env counts more than the file', async ({ env, stdout, status }) => {
    expect(await run([], { program: 'runlevel', machine: new FakeMachine(), env })).toEqual({
      status,
      stdout,
      stderr: '',
    });
  });

  test('a file that can not be read', async () => {
    const machine = new FakeMachine();
    for (const { path, reason } of [
      { path: '/nonexistent/utmp', reason: 'No such file or directory' },
      { path: machine.folder, reason: 'Is a directory' },
    ]) {
      expect(await run([path], { program: 'runlevel', machine })).toEqual({
        status: 1,
        stdout: '',
        stderr: `runlevel:${path}: ${reason}\n`,
      });
    }
  });
});
