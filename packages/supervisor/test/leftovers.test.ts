import type { ProcessSpec } from '@maverick/spawner';
import { expect, test } from 'vitest';
import { Leftovers } from '../src/leftovers.js';
import type { ProcessPort } from '../src/ports.js';
import { ProcessTable } from '../src/process-table.js';
import { FakeClock } from './helpers/fake-clock.js';
import { FakeProcesses } from './helpers/fake-processes.js';

const SPEC: ProcessSpec = { argv: ['x'], env: [], console: { kind: 'none' } };
/** Long enough for every time limit. */
const LONG_MS = 60_000;

/** Leftovers over fakes. */
const setUp = ({ strays = () => [], recycled = [] }: { strays?: () => number[]; recycled?: number[] } = {}) => {
  const fake = new FakeProcesses();
  const clock = new FakeClock();
  const table = new ProcessTable();
  const warnings: string[] = [];
  const processes: ProcessPort = fake.open({
    onChild: ({ pid }) => {
      if (table.remove(pid) !== undefined) leftovers.ended(pid);
      leftovers.look();
    },
    onWarning: () => {},
  });
  const leftovers = new Leftovers({
    clock,
    processes,
    table,
    tree: fake.tree(recycled),
    strays,
    warn: (message) => warnings.push(message),
  });
  const startStray = (): number => {
    processes.spawn(SPEC);
    leftovers.started(fake.last);
    return fake.last;
  };
  const start = (): number => {
    const pid = startStray();
    table.add({ process: pid, pid, instance: { session: '', job: 'web', instance: '' }, role: 'main' });
    return pid;
  };
  return { fake, clock, leftovers, warnings, start, startStray };
};

test('where nothing is left there is nothing to do', async () => {
  const { leftovers, fake } = setUp();
  await leftovers.end();
  expect(fake.log).toEqual([]);
});

test('a process that outlasted its job is killed with its group, and waited for', async () => {
  const { leftovers, fake, start } = setUp();
  const pid = start();
  const end = leftovers.end();
  expect(fake.log).toContain(`kill -${pid} 9`);
  fake.die(pid, 9);
  await end;
});

test('a process that even SIGKILL does not end is reported, not waited for without end', async () => {
  const { leftovers, clock, warnings, start } = setUp();
  const pid = start();
  const end = leftovers.end();
  clock.advance(LONG_MS);
  await end;
  expect(warnings).toEqual([`Processes that could not be ended: ${pid}`]);
});

test('a group that outlived its leader is asked first, and killed when it does not obey', async () => {
  const { leftovers, clock, fake, start } = setUp();
  const pid = start();
  fake.groups.add(pid);
  fake.exit(pid);
  const end = leftovers.end();
  await clock.run(2_500);
  await end;
  expect(fake.log.slice(1)).toEqual([`kill -${pid} 15`, `kill -${pid} 18`, `kill -${pid} 9`]);
});

test("a stranger who got the number of a group's leader is left alone", async () => {
  const { leftovers, fake, start } = setUp({ recycled: [101] });
  const pid = start();
  fake.groups.add(pid);
  fake.exit(pid);
  await leftovers.end();
  expect(fake.log).toEqual([`spawn ${pid} x`]);
});

test('strays are asked first and killed when they do not obey', async () => {
  const { fake, clock, leftovers, startStray } = setUp({ strays: () => [...fake.living] });
  const stray = startStray();
  const end = leftovers.end();
  await clock.run(2_500);
  expect(fake.log.slice(1)).toEqual([`kill ${stray} 15 and wake`, `kill ${stray} 9`]);
  fake.die(stray, 9);
  await clock.run(100);
  await end;
});

test('thousands of strays are not all looked at after the end of each', async () => {
  let looks = 0;
  const strays = (): number[] => {
    looks += 1;
    return [...fake.living];
  };
  const { fake, clock, leftovers, startStray } = setUp({ strays });
  for (let count = 0; count < 3_000; count += 1) startStray();
  const end = leftovers.end();
  for (const pid of [...fake.living]) fake.die(pid, 15);
  await clock.run(100);
  await end;
  expect(looks).toBeLessThan(10);
});

test('what a stray leaves behind when it ends is a stray itself', async () => {
  const { fake, clock, leftovers, startStray } = setUp({ strays: () => [...fake.living] });
  const parent = startStray();
  const end = leftovers.end();
  const child = startStray();
  fake.die(parent, 15);
  await clock.run(100);
  expect(fake.log).toContain(`kill ${child} 15 and wake`);
  fake.die(child, 15);
  await clock.run(100);
  await end;
});
