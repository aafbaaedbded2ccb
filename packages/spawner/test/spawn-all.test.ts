import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProcessSpec } from '../src/process-spec.js';
import { openFiles } from './helpers/log-process.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => run.close());

const startAll = (specs: readonly ProcessSpec[]) => run.spawner.spawnAll(specs);
const pidsOf = (results: ReturnType<typeof startAll>): number[] =>
  results.flatMap((result) => (result.status === 'fulfilled' && result.value.ok ? result.value.pid : []));

test.each([0, 1, 2, 7, 8, 9, 100])(
  '%i processes at once: each is there, runs its own program, and its end is told',
  async (count) => {
    const pids = pidsOf(startAll(Array.from({ length: count }, (_, number) => shell(`exit ${number}`))));
    expect(new Set(pids).size).toBe(count);
    for (const [number, pid] of pids.entries())
      expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: number });
  },
);

test('each fails or runs for itself, and the results are in the order of what was asked for', async () => {
  const results = startAll([
    shell('exit 1'),
    shell('true', { cwd: '/nowhere' }),
    { ...shell('true'), argv: [] },
    shell('exit 2', { pause: true }),
    { ...shell('true'), argv: ['/nowhere/program'] },
    shell('exit 3', { follow: { expect: 'fork' } }),
    shell('exit 4'),
  ]);
  expect(results).toEqual([
    { status: 'fulfilled', value: { ok: true, pid: expect.any(Number) } },
    {
      status: 'fulfilled',
      value: { ok: false, error: expect.objectContaining({ step: 'chdir', argument: '/nowhere' }) },
    },
    { status: 'rejected', reason: expect.any(TypeError) },
    { status: 'fulfilled', value: { ok: true, pid: expect.any(Number) } },
    { status: 'fulfilled', value: { ok: false, error: expect.objectContaining({ step: 'exec' }) } },
    { status: 'fulfilled', value: { ok: true, pid: expect.any(Number) } },
    { status: 'fulfilled', value: { ok: true, pid: expect.any(Number) } },
  ]);
  const [first, paused, , last] = pidsOf(results);
  expect(await run.ended(first ?? 0)).toMatchObject({ code: 1 });
  run.spawner.kill(paused ?? 0, 18);
  expect(await run.ended(paused ?? 0)).toMatchObject({ code: 2 });
  expect(await run.ended(last ?? 0)).toMatchObject({ code: 4 });
});

test('what each gets is its own: environment, umask, limits, script, log', async () => {
  const count = 40;
  const specs = Array.from({ length: count }, (_, number) =>
    shell('', {
      argv: ['/bin/sh', '-e', '/proc/self/fd/9'],
      script: `echo "$NUMBER ${number} $(umask) $(ulimit -n)"`,
      env: ['PATH=/usr/bin:/bin', `NUMBER=${number}`],
      umask: number,
      limits: [{ resource: 'nofile', soft: 100 + number, hard: 200 + number }],
      console: { kind: 'log', path: run.path(`${number}.log`), transport: 'pipe' },
    }),
  );
  for (const pid of pidsOf(startAll(specs))) await run.ended(pid);
  for (let number = 0; number < count; number += 1)
    expect(run.read(`${number}.log`)).toBe(
      `${number} ${number} 00${number.toString(8).padStart(2, '0')} ${100 + number}\n`,
    );
});

describe('nothing is left here', () => {
  test('but what watches those that run: no thread, no descriptor of what failed', async () => {
    startAll([shell('true'), shell('true')]);
    const threads = readdirSync('/proc/self/task').length;
    const files = openFiles(process.pid).length;
    const wrong = Array.from({ length: 30 }, () => shell('true', { cwd: '/nowhere' }));
    expect(pidsOf(startAll(wrong))).toEqual([]);
    expect(readdirSync('/proc/self/task').length).toBe(threads);
    expect(openFiles(process.pid).length).toBeLessThanOrEqual(files);
  });
});
