import { expect, test } from 'vitest';
import { findAncestor, type ProcessStat, procTree } from '../src/process-tree.js';

// 10 is the job's process; 11 its child; 12 made a session of its own; 13 was orphaned within the job's session.
const PROCESSES = new Map<number, ProcessStat>([
  [1, { parent: 0, session: 1 }],
  [10, { parent: 1, session: 10 }],
  [11, { parent: 10, session: 10 }],
  [12, { parent: 11, session: 12 }],
  [13, { parent: 1, session: 10 }],
  [20, { parent: 1, session: 20 }],
]);
const tree = { stat: (pid: number) => PROCESSES.get(pid) };
const known = (pid: number) => (pid === 10 ? 'the job' : undefined);

test.each([
  { pid: 10, who: 'the process itself', found: 'the job' },
  { pid: 11, who: 'its child', found: 'the job' },
  { pid: 12, who: 'a descendant with a session of its own', found: 'the job' },
  { pid: 13, who: 'an orphan of its session', found: 'the job' },
  { pid: 20, who: 'a stranger', found: undefined },
  { pid: 99, who: 'nobody', found: undefined },
])('$who ($pid) belongs to $found', ({ pid, found }) => {
  expect(findAncestor(pid, tree, known)).toBe(found);
});

test('/proc tells parent and session of a process', () => {
  expect(procTree.stat(process.pid)?.parent).toBe(process.ppid);
  expect(procTree.stat(0)).toBeUndefined();
});
