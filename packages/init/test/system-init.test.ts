import { expect, test } from 'vitest';
import { systemRole } from '../src/system-init.js';

test.each([
  { who: 'root as process 1', uid: 0, pid: 1, there: [], role: { kind: 'init' } },
  {
    who: 'root as another process',
    uid: 0,
    pid: 2,
    there: ['/sbin/telinit'],
    role: { kind: 'telinit', path: '/sbin/telinit' },
  },
  {
    who: 'root where there is no telinit',
    uid: 0,
    pid: 2,
    there: [],
    role: { kind: 'refused', message: expect.stringMatching(/this is process 2, .* --container .* --user /) },
  },
  {
    who: 'anybody else as process 1',
    uid: 1000,
    pid: 1,
    there: ['/sbin/telinit'],
    role: { kind: 'refused', message: expect.stringMatching(/^Need to be root .* --container .* --user /) },
  },
  {
    who: 'anybody else',
    uid: 1000,
    pid: 2,
    there: ['/sbin/telinit'],
    role: { kind: 'refused', message: expect.stringMatching(/^Need to be root /) },
  },
] as const)('$who: $role.kind', ({ uid, pid, there, role }) => {
  expect(systemRole(uid, pid, (path) => (there as readonly string[]).includes(path))).toEqual(role);
});
