import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const prove = (files: Readonly<Record<string, string>>, ...words: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-proof-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.conf`), text);
  return run(['check-config', '--proof', '--confdir', folder, ...words]);
};

const BAD = {
  a: 'start on startup or starting b\nexec x\n',
  b: 'start on starting a\nexec x\n',
  c: 'while d\nexec x\n',
  d: 'while c\nexec x\n',
  e: 'start on stopped nobody\nexec x\n',
  f: 'start on startup\nexec x\n',
  g: 'while f and not f\nexec x\n',
  slow: 'exec x\n',
  held: 'start on starting slow and started slow\nexec x\n',
};

test('each fault is told with the shortest sequence that leads there', async () => {
  const { stdout, status } = await prove(BAD);
  const told = stdout.split('\n');
  expect([told.slice(0, -2), status]).toEqual([
    [
      'Not by itself: e: does not start by itself, as far as the files tell: without a command nothing in them brings about job nobody',
      'Cycle: c, d: while: cycle of c, d',
      'Not by itself: g: does not start by itself: no sequence of what was tried makes its condition true',
      'Deadlock: a, b: event starting b waits for job a, which waits for event starting a, which waits for job b, which waits for event starting b',
      '  1. event startup',
      'Held for ever: slow: slow does not leave starting: held holds it, and still needs: started slow',
      '  1. start of slow',
    ],
    1,
  ]);
  expect(told.at(-2)).toMatch(
    /^Proved: everything that can happen was tried \(\d+ states of 5 groups of jobs, \d+ moves\)\.$/,
  );
});

test('what the files can not tell is not denied: an event of a process, a job that is started by hand', async () => {
  const { stdout } = await prove({
    web: 'start on net-up\nexec x\n',
    p: 'start on starting q\nexec x\n',
    q: 'start on starting p\nexec x\n',
    again: 'start on stopped again\ntask\nexec x\n',
  });
  expect(stdout).not.toContain('never');
  expect(stdout).toContain(
    'web: does not start by itself, as far as the files tell: without a command nothing in them brings about event net-up (whose job emits it can say so with emits; else --ignore-events=net-up)\n',
  );
  expect(stdout).toContain('Cycle: p, q: each starts only because of another, so none does without a command\n');
  expect(stdout).toMatch(/Deadlock: .*\n {2}1\. start of [pq]\n/);
  const told = await prove({ web: 'start on net-up\nexec x\n' }, '--ignore-events=net-up');
  expect([told.stdout.startsWith('Proved: '), told.status]).toEqual([true, 0]);
});

test('a cycle of start conditions is told as the way around, with the place of each condition', async () => {
  const { stdout } = await prove({
    a: '# first\nstart on startup and started c\nexec x\n',
    b: 'start on started a\nexec x\n',
    c: 'exec x\n\nstart on started b\n',
    after: 'start on started b\nexec x\n',
    either: 'start on startup or started either\nexec x\n',
  });
  expect(
    stdout
      .replaceAll(/\/\S*\//g, '')
      .split('\n')
      .slice(0, -2),
  ).toEqual([
    'Not by itself: after: does not start by itself, as far as the files tell: without a command nothing in them brings about job b',
    'Cycle: a, b, c: each starts only because of another, so none does without a command',
    '  a waits for c: start on startup and started c (a.conf:2)',
    '  c waits for b: start on started b (c.conf:3)',
    '  b waits for a: start on started a (b.conf:1)',
  ]);
});

test('the condition of an override is told as such, and a cycle by while has one, too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-proof-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.conf'), 'start on startup\nwhile b\nexec x\n');
  writeFileSync(join(folder, 'b.conf'), 'start on startup\nexec x\n');
  writeFileSync(join(folder, 'b.override'), '\nstart on started a\n');
  const { stdout } = await run(['check-config', '--proof', '--confdir', folder, '--json']);
  expect(JSON.parse(stdout).faults).toEqual([
    {
      kind: 'cycle',
      jobs: ['a', 'b'],
      message: 'each starts only because of another, so none does without a command',
      path: [],
      round: [],
      ring: [
        { job: 'b', waitsFor: 'a', condition: 'start on started a', file: `${folder}/b.override`, line: 2 },
        { job: 'a', waitsFor: 'b', condition: 'while b', file: `${folder}/a.conf`, line: 2 },
      ],
    },
  ]);
});

test('a task that starts itself at its end goes round', async () => {
  const { stdout } = await prove({ l: 'start on stopped l\ntask\nexec x\n' });
  expect(
    stdout
      .replaceAll(/\/\S*\//g, '')
      .split('\n')
      .slice(0, -2),
  ).toEqual([
    'Cycle: l: starts only because of itself, so not without a command',
    '  l waits for l: start on stopped l (l.conf:1)',
    'Loop: l: starts again without end, each time because a process has ended well',
    '  1. start of l',
    '  2. the main process of l ends',
    '  and again from 2.',
  ]);
});

test('of one job only', async () => {
  const { stdout } = await prove(BAD, 'slow');
  expect(stdout).toMatch(/^Held for ever: slow.*\n {2}1\. start of slow\nProved: .*\n$/);
  expect(await prove(BAD, 'nosuch')).toMatchObject({ stderr: 'initctl: Invalid job class: nosuch\n', status: 1 });
});

test('a bound is told, and what is good is so', async () => {
  const good = { db: 'start on startup\nexec x\n', web: 'start on started db\nstop on stopping db\nexec x\n' };
  expect(await prove(good)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Proved: /) });
  const { stdout, status } = await prove(good, '--bound=20');
  expect([stdout.startsWith('Not proved: all sequences of up to 1 moves were tried'), status]).toEqual([true, 0]);
});

test.each([
  ['examples/container/jobs', ''],
  ['examples/machine/jobs', ''],
  ['examples/bridge/jobs', ''],
  // Emitted by a person: the file says how.
  ['examples/jobs', 'net-up'],
  // Emitted by the program in which the daemon is.
  ['examples/embed/jobs', 'order'],
  ['packages/bridges/conf', ''],
  ['packages/bridges/conf/session', ''],
])('nothing is wrong with the jobs of %s (given %j)', async (folder, events) => {
  const path = fileURLToPath(new URL(`../../../${folder}`, import.meta.url));
  const { stdout, status } = await run(['check-config', '--proof', '--confdir', path, '--bound=200', '-i', events]);
  expect([stdout, status]).toEqual([expect.stringMatching(/^(Not p|P)roved: .*\n$/), 0]);
});

const daemon = liveDaemon({ a: 'start on starting b\nexec x\n', b: 'start on starting a\nexec x\n' });

test('the jobs of a daemon', async () => {
  const { stdout, status } = await run(['check-config', '--proof'], { env: daemon.env });
  expect([stdout.split('\n').slice(0, 3), stdout.includes('\nDeadlock: a, b: '), status]).toEqual([
    [
      'Cycle: a, b: each starts only because of another, so none does without a command',
      '  a waits for b: start on starting b',
      '  b waits for a: start on starting a',
    ],
    true,
    1,
  ]);
});
