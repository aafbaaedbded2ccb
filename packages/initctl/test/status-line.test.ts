import type { InstanceStatus, RemoteProcess } from '@maverick/dbus/client';
import { expect, test } from 'vitest';
import { statusLine, statusNotes } from '../src/status-line.js';

const processes = (...list: readonly (readonly [string, number])[]): RemoteProcess[] =>
  list.map(([role, pid]) => ({ role, pid }));

const status = (
  goal: InstanceStatus['goal'],
  state: InstanceStatus['state'],
  live: readonly RemoteProcess[] = [],
  name = '',
): InstanceStatus => ({ name, goal, state, processes: live });

test.each([
  { when: 'there is no instance', status: undefined, line: 'foo stop/waiting' },
  {
    when: 'it runs',
    status: status('start', 'running', processes(['main', 22776])),
    line: 'foo start/running, process 22776',
  },
  { when: 'it has no process', status: status('start', 'running'), line: 'foo start/running' },
  {
    when: 'the instance has a name',
    status: status('start', 'running', processes(['main', 22821]), 'b/c'),
    line: 'foo (b/c) start/running, process 22821',
  },
  {
    when: 'the instance has a name that would write lines of its own',
    status: status('start', 'running', [], 'x\nsystem stop/waiting \u001b[31m\u009b'),
    line: String.raw`foo (x\nsystem stop/waiting \x1b[31m\x9b) start/running`,
  },
  {
    when: 'pre-start runs',
    status: status('start', 'pre-start', processes(['pre-start', 23067])),
    line: 'foo start/pre-start, process 23067',
  },
  {
    when: 'main and post-start run',
    status: status('start', 'post-start', processes(['main', 25292], ['post-start', 25293])),
    line: 'foo start/post-start, process 25292\n\tpost-start process 25293',
  },
  {
    when: 'main and pre-stop run',
    status: status('stop', 'pre-stop', processes(['main', 25292], ['pre-stop', 27559])),
    line: 'foo stop/pre-stop, process 25292\n\tpre-stop process 27559',
  },
  {
    when: 'post-stop runs',
    status: status('stop', 'post-stop', processes(['post-stop', 29711])),
    line: 'foo stop/post-stop, process 29711',
  },
  {
    when: 'only post-start is left',
    status: status('start', 'post-start', processes(['post-start', 99])),
    line: 'foo start/post-start, (post-start) process 99',
  },
  {
    when: 'only pre-stop and security are left',
    status: status('stop', 'pre-stop', processes(['pre-stop', 9], ['security', 10])),
    line: 'foo stop/pre-stop, (pre-stop) process 9\n\tsecurity process 10',
  },
])('$when: $line', (row) => {
  expect(statusLine('foo', row.status)).toBe(row.line);
});

test.each([
  { what: 'nothing', paused: [], stale: undefined, lines: [] },
  { what: 'nothing for a job that is as its file says', paused: [], stale: '', lines: [] },
  {
    what: 'each process that is paused',
    paused: processes(['main', 42], ['post-start', 43]),
    stale: undefined,
    lines: [
      '\tmain process 42 paused for debug: kill -CONT 42 lets it go on',
      '\tpost-start process 43 paused for debug: kill -CONT 43 lets it go on',
    ],
  },
  {
    what: 'the broken file',
    paused: [],
    stale: '/etc/init/foo.conf',
    lines: ['\tstale: the last good definition is in use, because of an error in /etc/init/foo.conf'],
  },
])('status adds $what', ({ paused, stale, lines }) => {
  expect(statusNotes(paused, stale)).toEqual(lines);
});
