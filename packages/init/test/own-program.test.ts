import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findOwnPath, ownProgram } from '../src/own-program.js';

test.each([
  {
    form: 'a script that Node runs',
    standalone: false,
    started: {
      execPath: '/usr/bin/node',
      argv0: 'node',
      execArgv: ['--max-semi-space-size=1'],
      argv: ['/usr/bin/node', '/opt/upstart.js', '--user', '--debug'],
    },
    expected: {
      path: '/usr/bin/node',
      command: ['node', '--max-semi-space-size=1', '/opt/upstart.js'],
      args: ['--user', '--debug'],
    },
  },
  {
    form: 'the standalone program, by a link',
    standalone: true,
    started: {
      execPath: '/opt/maverick/upstart',
      argv0: '/sbin/init',
      execArgv: [],
      argv: ['/opt/maverick/upstart', '/opt/maverick/upstart', 'splash'],
    },
    expected: { path: '/opt/maverick/upstart', command: ['/sbin/init'], args: ['splash'] },
  },
])('$form', ({ started, standalone, expected }) => {
  expect(ownProgram(started, standalone)).toEqual(expected);
});

test.each([
  { execPath: 'node', found: realpathSync('/proc/self/exe') },
  { execPath: '/sbin/init', found: '/sbin/init' },
])('the kernel starts it before there is a /proc: $execPath', ({ execPath, found }) => {
  const started = { execPath };
  findOwnPath(started);
  expect(started.execPath).toBe(found);
});

test('without arguments: this process, which Node runs', () => {
  const { path, command } = ownProgram();
  expect(path).toBe(process.execPath);
  expect(command.at(-1)).toBe(process.argv[1]);
});
