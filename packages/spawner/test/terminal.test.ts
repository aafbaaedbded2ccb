import { spawnSync } from 'node:child_process';
import { openSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { native } from '../src/native.js';
import { closeFd } from '../src/sockets.js';
import {
  leaveTerminal,
  openTerminal,
  redirectFd,
  requestKeyboardSignal,
  resetTerminal,
  takeTerminal,
} from '../src/terminal.js';
import { runFixture } from './helpers/node.js';

let ours: number;
let theirs: number;
let name: string;
beforeEach(() => {
  const terminal = native.outputOpen(false, -1);
  if (typeof terminal === 'number') throw new Error('no terminal');
  ({ ours, theirs } = terminal);
  name = readlinkSync(`/proc/self/fd/${theirs}`);
});
afterEach(() => {
  for (const fd of [ours, theirs]) closeFd(fd);
});

const stty = (...args: readonly string[]) => spawnSync('stty', ['-F', name, ...args], { encoding: 'utf8' }).stdout;

describe('a terminal', () => {
  test('is opened high, close-on-exec and blocking', () => {
    const fd = openTerminal(name);
    expect(fd).toBeGreaterThanOrEqual(10);
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(name);
    closeFd(fd);
  });

  test.each([
    { path: '/nonexistent/tty', code: 'ENOENT' },
    { path: '/dev/null', code: 'ENOTTY' },
    { path: '/tmp', code: 'EISDIR' },
  ])('$path is none: $code', ({ path, code }) => {
    expect(() => openTerminal(path)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(path) }));
  });

  test('is sane again after a program left it raw, but for its speed', () => {
    stty('raw', '-echo', 'intr', '^A', '9600');
    resetTerminal(theirs);
    const settings = stty('-a');
    for (const setting of [/speed 9600 baud/, /intr = \^C;/, / icrnl/, /^opost/m, / onlcr/, / icanon/, / echo /])
      expect(settings).toMatch(setting);
  });

  test('that is not our session’s can not be taken', () => {
    expect(() => takeTerminal(theirs)).toThrow(expect.objectContaining({ code: 'EPERM', syscall: 'ioctl TIOCSCTTY' }));
  });

  test('that is not our session’s can not be given up', () => {
    expect(() => leaveTerminal(theirs)).toThrow(
      expect.objectContaining({ code: 'ENOTTY', syscall: 'ioctl TIOCNOTTY' }),
    );
  });

  test('that is not open leads nowhere', () => {
    expect(() => redirectFd(999_999, theirs)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'dup2' }));
    expect(readlinkSync(`/proc/self/fd/${theirs}`)).toBe(name);
  });

  test('that is no virtual console sends no keyboard signal', () => {
    expect(() => requestKeyboardSignal(theirs)).toThrow(expect.objectContaining({ code: 'ENOTTY' }));
  });

  test('that is none can not be reset', () => {
    const fd = openSync('/dev/null', 'r');
    expect(() => resetTerminal(fd)).toThrow(expect.objectContaining({ code: 'ENOTTY', syscall: 'tcsetattr' }));
    closeFd(fd);
  });

  test('becomes the controlling one of a new session', () => {
    const { stdout, stderr } = runFixture('terminal.mjs', [name]);
    expect({ stdout, stderr }).toEqual({ stdout: `${name}\n`, stderr: '' });
  });
});
