import { expect, test } from 'vitest';
import type { Options } from '../src/option-table.js';
import { roleOf } from '../src/system-init.js';

interface Case {
  readonly who: string;
  readonly options?: Pick<Options, 'mode' | 'program'>;
  readonly uid?: number;
  readonly pid?: number;
  readonly there?: readonly string[];
  readonly role: unknown;
}

const refused = (pattern: RegExp) => ({ kind: 'refused', message: expect.stringMatching(pattern) });
const program = { kind: 'command', argv: ['true'] } as const;

test.each<Case>([
  { who: 'root as process 1', role: { kind: 'init', mode: 'system' } },
  {
    who: 'root as another process',
    pid: 2,
    there: ['/sbin/telinit'],
    role: { kind: 'telinit', path: '/sbin/telinit' },
  },
  {
    who: 'root where there is no telinit',
    pid: 2,
    role: refused(/this is process 2, .* --container .* --user /),
  },
  {
    who: 'anybody else as process 1',
    uid: 1000,
    there: ['/sbin/telinit'],
    role: refused(/^Need to be root .* --container .* --user /),
  },
  { who: 'anybody else', uid: 1000, pid: 2, there: ['/sbin/telinit'], role: refused(/^Need to be root /) },
  { who: 'process 1 of Docker', there: ['/.dockerenv'], role: { kind: 'init', mode: 'container' } },
  { who: 'process 1 of Podman', uid: 1000, there: ['/run/.containerenv'], role: { kind: 'init', mode: 'container' } },
  {
    who: 'process 1 of Docker that is to be a machine',
    options: { mode: 'system' },
    there: ['/.dockerenv'],
    role: { kind: 'init', mode: 'system' },
  },
  { who: 'another process in Docker', pid: 2, there: ['/.dockerenv'], role: refused(/process 2/) },
  { who: 'whoever has a program', options: { program }, uid: 1000, pid: 2, role: { kind: 'init', mode: 'container' } },
  {
    who: 'a session with a program',
    options: { mode: 'user', program },
    uid: 1000,
    pid: 2,
    role: { kind: 'init', mode: 'user' },
  },
  { who: 'a machine with a program', options: { mode: 'system', program }, role: refused(/never ends/) },
])('$who', ({ options = {}, uid = 0, pid = 1, there = [], role }) => {
  expect(roleOf(options, uid, pid, (path) => there.includes(path))).toEqual(role);
});
