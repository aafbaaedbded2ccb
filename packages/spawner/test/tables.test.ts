import { describe, expect, test } from 'vitest';
import { execCandidates } from '../src/exec-path.js';
import { LIMIT_NAMES, nativeLimits, sortLimits } from '../src/limits.js';
import { spawnError } from '../src/spawn-error.js';
import { parseGroups, parseUsers } from '../src/user-tables.js';

describe('the files that are tried for a program', () => {
  test.each([
    { program: '/bin/true', env: ['PATH=/x'], files: ['/bin/true'] },
    { program: './true', env: ['PATH=/x'], files: ['./true'] },
    { program: 'true', env: ['PATH=/a:/b'], files: ['/a/true', '/b/true'] },
    { program: 'true', env: ['PATH=:/b:'], files: ['true', '/b/true', 'true'] },
    { program: 'true', env: ['PATH='], files: ['true'] },
    { program: 'true', env: ['XPATH=/x', 'PATH=/a', 'PATH=/b'], files: ['/a/true'] },
    { program: 'true', env: [], files: ['/bin/true', '/usr/bin/true'] },
    { program: '', env: ['PATH=/a'], files: [''] },
  ])('$program with $env: $files', ({ program, env, files }) => {
    expect(execCandidates(program, env)).toEqual(files);
  });
});

describe('limits', () => {
  test('can be set for the fourteen resources of the language', () => {
    expect([...LIMIT_NAMES].sort()).toEqual(
      'as core cpu data fsize memlock msgqueue nice nofile nproc rss rtprio sigpending stack'.split(' '),
    );
  });

  test('are set in the order of their numbers', () => {
    const limits = ['nofile', 'core', 'cpu'].map((resource) => ({ resource, soft: 1, hard: 1 }));
    expect(sortLimits(limits).map(({ resource }) => resource)).toEqual(['cpu', 'core', 'nofile']);
  });

  test.each([
    { value: 0, native: 0n },
    { value: '4096', native: 4096n },
    { value: '18446744073709551614', native: 2n ** 64n - 2n },
    { value: 'unlimited', native: 2n ** 64n - 1n },
  ])('$value is $native', ({ value, native }) => {
    expect(nativeLimits([{ resource: 'core', soft: value, hard: 'unlimited' }])[0]).toMatchObject({ soft: native });
  });

  test.each([-1, 1.5, Number.NaN, '', ' 1', '0x10', '18446744073709551615', 'infinite'])('%o is refused', (value) => {
    expect(() => nativeLimits([{ resource: 'core', soft: value, hard: 0 }])).toThrow(RangeError);
  });
});

describe('user tables', () => {
  test('rows that are no users are passed over', () => {
    expect(
      parseUsers('root:x:0:0:root:/root:/bin/sh\n# no\n+::::::\nbad:x:one:1::\nshort:x:5\nlast:x:7:8::/:'),
    ).toEqual([
      { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' },
      { name: 'last', uid: 7, gid: 8, home: '/', shell: '' },
    ]);
  });

  test('groups know their members', () => {
    expect(parseGroups('a:x:1:\nb:x:2:x,y\n+\nc:x:3')).toEqual([
      { name: 'a', gid: 1, members: [] },
      { name: 'b', gid: 2, members: ['x', 'y'] },
      { name: 'c', gid: 3, members: [] },
    ]);
  });
});

describe('what is said of a failed step', () => {
  test.each([
    { step: 'exec', errno: 2, argument: 'x', message: 'unable to execute: No such file or directory' },
    {
      step: 'limit',
      errno: 1,
      argument: 'nofile',
      message: 'unable to set "nofile" resource limit: Operation not permitted',
    },
    { step: 'user', errno: 0, argument: 'x', message: 'unable to find setuid user' },
    { step: 'fork', errno: 11, argument: undefined, message: 'unable to fork: Resource temporarily unavailable' },
  ] as const)('$step $errno: $message', ({ step, errno, argument, message }) => {
    expect(spawnError(step, errno, argument).message).toBe(message);
  });
});
