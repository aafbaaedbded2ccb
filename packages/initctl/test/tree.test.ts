import type { JobProperties } from '@maverick/dbus/client';
import { expect, test } from 'vitest';
import { buildTree, type TreeNode } from '../src/tree.js';

const job = (name: string, more: Partial<JobProperties> = {}): JobProperties => ({
  name,
  description: '',
  author: '',
  version: '',
  usage: '',
  startOn: [],
  stopOn: [],
  emits: [],
  while: '',
  staleBecauseOf: '',
  file: '',
  overrideFile: '',
  ...more,
});

/** `startup(db(web[started])) by-hand(x)`; a job that stands above, with `^`. */
const shown = (nodes: readonly TreeNode[]): string =>
  nodes
    .map((node) => {
      const below = node.children.length === 0 ? '' : `(${shown(node.children)})`;
      if (node.kind === 'event') return node.event + below;
      if (node.kind === 'by-hand') return `by-hand${below}`;
      return `${node.job.name}${node.via === '' ? '' : `[${node.via}]`}${node.repeated ? '^' : ''}${below}`;
    })
    .join(' ');

test.each([
  { jobs: [], tree: '' },
  { jobs: [job('x')], tree: 'by-hand(x)' },
  {
    jobs: [job('web', { startOn: [['started', 'db']] }), job('db', { startOn: [['startup']] })],
    tree: 'startup(db[startup](web[started]))',
  },
  {
    jobs: [job('z', { startOn: [['a'], ['startup'], ['/AND']] })],
    tree: 'startup(z[startup]) a(z[a]^)',
  },
  {
    jobs: [job('net', { emits: ['net-*'], startOn: [['startup']] }), job('ntp', { startOn: [['net-up', 'IF=e']] })],
    tree: 'startup(net[startup](net-up(ntp[net-up])))',
  },
  // A circle: nobody is its beginning, and it has an end.
  {
    jobs: [job('a', { startOn: [['stopped', 'b']] }), job('b', { startOn: [['stopped', 'a']] })],
    tree: 'a(b[stopped](a[stopped]^))',
  },
  { jobs: [job('a', { startOn: [['started', 'nosuch']] })], tree: 'started nosuch(a[started])' },
  {
    jobs: [job('app', { while: '(db X=1 and not backup)' }), job('db'), job('backup')],
    tree: 'by-hand(backup db(app[while]))',
  },
])('$tree', ({ jobs, tree }) => {
  expect(shown(buildTree(jobs, []))).toBe(tree);
});
