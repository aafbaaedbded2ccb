import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMIT_NAMES } from '../src/limits.js';
import { openFilesOf, startingSoftNofile } from '../src/open-files.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

/** The kernel's words for each resource, and a value with which a program can still be run. */
const RESOURCES = [
  { resource: 'as', row: 'Max address space', value: 1n << 40n },
  { resource: 'core', row: 'Max core file size', value: 4096n },
  { resource: 'cpu', row: 'Max cpu time', value: 1000n },
  { resource: 'data', row: 'Max data size', value: 1n << 40n },
  { resource: 'fsize', row: 'Max file size', value: 1n << 30n },
  { resource: 'memlock', row: 'Max locked memory', value: 8192n },
  { resource: 'msgqueue', row: 'Max msgqueue size', value: 4096n },
  { resource: 'nice', row: 'Max nice priority', value: 0n },
  { resource: 'nofile', row: 'Max open files', value: 64n },
  { resource: 'nproc', row: 'Max processes', value: 500n },
  { resource: 'rss', row: 'Max resident set', value: 1n << 30n },
  { resource: 'rtprio', row: 'Max realtime priority', value: 0n },
  { resource: 'sigpending', row: 'Max pending signals', value: 100n },
  { resource: 'stack', row: 'Max stack size', value: 1n << 20n },
] as const;

const UNLIMITED = 2n ** 64n - 1n;

const rowOf = (text: string, row: string): string[] =>
  new RegExp(`^${row} +(\\S+) +(\\S+)`, 'm').exec(text)?.slice(1) ?? [];

test('every resource of the language is in the table', () => {
  expect(RESOURCES.map(({ resource }) => resource)).toEqual([...LIMIT_NAMES].sort());
});

describe.each(RESOURCES)('$resource', ({ resource, row, value }) => {
  const limitsWith = async (soft: string, hard: string): Promise<string[]> =>
    rowOf(
      await run.output({ ...shell(''), argv: ['/bin/cat', '/proc/self/limits'], limits: [{ resource, soft, hard }] }),
      row,
    );

  test('has a soft and a hard limit', async () => {
    const [, hard = ''] = rowOf(readFileSync('/proc/self/limits', 'latin1'), row);
    const half = value / 2n;
    expect(await limitsWith(String(half), String(value))).toEqual([String(half), String(value)]);
    expect(await limitsWith(String(value), hard)).toEqual([String(value), hard]);
  });

  test('can be unlimited, where it is now or CAP_SYS_RESOURCE allows it', async () => {
    const [, hard = ''] = rowOf(readFileSync('/proc/self/limits', 'latin1'), row);
    const spec = shell('exit', { limits: [{ resource, soft: 'unlimited', hard: 'unlimited' }] });
    const result = run.spawner.spawn(spec);
    if (result.ok) {
      await run.ended(result.pid);
      expect(await limitsWith('unlimited', 'unlimited')).toEqual(['unlimited', 'unlimited']);
      return;
    }
    expect(hard).not.toBe('unlimited');
    expect(result.error.message).toBe(`unable to set "${resource}" resource limit: Operation not permitted`);
  });
});

describe('the soft limit of open files, which Node raises', () => {
  test.each([
    {
      what: 'is that of the parent',
      own: { soft: 4096n, hard: 4096n },
      parent: { soft: 256n, hard: 4096n },
      soft: 256n,
    },
    { what: 'is 1024 without a parent', own: { soft: 4096n, hard: 4096n }, parent: undefined, soft: 1024n },
    {
      what: 'is 1024 if the hard one was changed',
      own: { soft: 4096n, hard: 4096n },
      parent: { soft: 9n, hard: 10n },
      soft: 1024n,
    },
    { what: 'is never more than the hard one', own: { soft: 512n, hard: 512n }, parent: undefined, soft: undefined },
    {
      what: 'is kept where it was as high',
      own: { soft: 20n, hard: 20n },
      parent: { soft: 20n, hard: 20n },
      soft: undefined,
    },
    {
      what: 'is kept where Node could not raise it',
      own: { soft: 20n, hard: UNLIMITED },
      parent: undefined,
      soft: undefined,
    },
    { what: 'is kept where it is not known', own: undefined, parent: undefined, soft: undefined },
  ])('$what', ({ own, parent, soft }) => {
    expect(startingSoftNofile(own, parent)).toBe(soft);
  });

  test('is read from a process', () => {
    const [soft = '', hard = ''] = rowOf(readFileSync('/proc/self/limits', 'latin1'), 'Max open files');
    expect(openFilesOf('self')).toEqual({ soft: BigInt(soft), hard: BigInt(hard) });
    expect(openFilesOf(2 ** 22 + 1)).toBeUndefined();
  });

  const command = { argv: ['/bin/sh', '-c', 'ulimit -Sn; ulimit -Hn'] };
  const exited = '{"kind":"exited","code":0}\n';
  const asPid1 = ['unshare', '--pid', '--fork', '--mount-proc'];
  const canBePid1 = spawnSync('unshare', [...asPid1.slice(1), 'true']).status === 0;
  if (!canBePid1) console.log('skipped: a PID namespace can only be made by root with CAP_SYS_ADMIN');

  /** Runs Node as the child of a shell that has set its limits, or in its place. */
  const limited = (limits: string, last = 'exit'): readonly string[] => ['sh', '-c', `${limits}; "$0" "$@"; ${last}`];

  test.each([
    {
      what: 'what the daemon had',
      before: limited('ulimit -Sn 300; ulimit -Hn 2000'),
      limits: [],
      output: '300\n2000\n',
    },
    {
      what: '1024 where that is unknown',
      before: ['sh', '-c', 'ulimit -n 2000; exec "$0" "$@"'],
      limits: [],
      output: '1024\n2000\n',
    },
    {
      what: 'no more than the hard one',
      before: ['sh', '-c', 'ulimit -n 400; exec "$0" "$@"'],
      limits: [],
      output: '400\n400\n',
    },
    {
      what: 'what was asked for',
      before: limited('ulimit -Sn 300; ulimit -Hn 2000'),
      limits: [{ resource: 'nofile', soft: 1500, hard: 1600 }],
      output: '1500\n1600\n',
    },
  ])('a job gets $what', ({ before, limits, output }) => {
    const { stdout } = runFixture('spawn.mjs', [JSON.stringify({ ...command, limits })], before);
    expect(stdout).toBe(output + exited);
  });

  test.skipIf(!canBePid1)('a job of PID 1 gets 1024', () => {
    const { stdout } = runFixture('spawn.mjs', [JSON.stringify(command)], [...asPid1, '--']);
    expect(stdout).toMatch(/^1024\n/);
  });

  test('exec passes on what the daemon had', () => {
    const before = limited('ulimit -Sn 300; ulimit -Hn 2000');
    const { stdout } = runFixture('exec.mjs', ['/bin/sh', '-c', 'ulimit -Sn; ulimit -Hn'], before);
    expect(stdout).toMatch(/^\d+\n300\n2000\n$/);
  });
});
