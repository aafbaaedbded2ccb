import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFilesOf } from '../src/open-files.js';
import { eventually, logProcessOf, openFiles, readOrNothing } from './helpers/log-process.js';
import { Run, shell } from './helpers/run.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const COUNT = 3000;

/** Some for the rest of the machine. */
const PTYS = COUNT + 200;
const PTY_MAX = '/proc/sys/kernel/pty/max';

/** How many terminals there may be now. Root raises the limit where it is too low, and puts it back. */
let before: string | undefined;
const raisePtys = (): void => {
  const now = readFileSync(PTY_MAX, 'latin1');
  if (Number(now) >= PTYS) return;
  try {
    writeFileSync(PTY_MAX, String(PTYS));
    before = now;
  } catch {
    console.log(`there are no more than ${now.trim()} terminals: the other logs go through pipes`);
  }
};

/** Two for each process here, two there, and what a test runner needs. */
const canHaveDescriptors = (openFilesOf('self')?.hard ?? 0n) >= BigInt(2 * COUNT + 500);
if (!canHaveDescriptors) console.log(`skipped: ${COUNT} logs need a limit of ${2 * COUNT + 500} open files`);

let run: Run;
beforeEach(() => {
  raisePtys();
  run = new Run();
});
afterEach(() => {
  run.close();
  if (before !== undefined) writeFileSync(PTY_MAX, before);
  before = undefined;
});

test.skipIf(!canHaveDescriptors)(`${COUNT} processes live and log at once, far beyond 1,024 descriptors`, async () => {
  const name = (index: number): string => run.path(`${index}.log`);
  const indexes = Array.from({ length: COUNT }, (_, index) => index);
  const command = (index: number): string => `echo start ${index}; read go; echo end ${index}`;
  // Standard input of all is one FIFO: closing its only writer lets all of them go on.
  await run.ended(run.start(shell(`mkfifo ${run.path('gate')}`)));
  const gate = run.start(shell(`exec sleep 1000 > ${run.path('gate')}`));
  const pids = indexes.map((index) =>
    run.start(shell(`exec < ${run.path('gate')}; ${command(index)}`, { console: { kind: 'log', path: name(index) } })),
  );
  for (const index of indexes) await eventually(() => readOrNothing(name(index)) === `start ${index}\n`);

  const log = logProcessOf(name(COUNT - 1)) ?? 0;
  expect(readdirSync('/proc/self/fd').length).toBeGreaterThan(COUNT);
  expect(openFiles(log).length).toBeGreaterThan(2 * COUNT);
  const memory = readFileSync(`/proc/${log}/smaps_rollup`, 'utf8');
  const kib = Number(/^Private_Dirty:\s+(\d+)/m.exec(memory)?.[1]);
  expect(kib).toBeLessThan(COUNT);

  run.spawner.kill(gate, 9);
  await Promise.all(pids.map((pid) => run.ended(pid)));
  for (const index of indexes) expect(readFileSync(name(index), 'utf8')).toBe(`start ${index}\nend ${index}\n`);
  expect(run.warnings.filter(({ kind }) => kind !== 'no-pty')).toEqual([]);
  // What is over is closed, here and there.
  await eventually(() => openFiles(log).length < 20);
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(200);
});
