import type { ChildEvent, ProcessSpec } from '@maverick/spawner';
import { expect, test } from 'vitest';
import { SharedSpawner } from '../src/shared-spawner.js';
import { FakeProcesses } from './helpers/fake-processes.js';

const SPEC: ProcessSpec = { argv: ['x'], env: [], console: { kind: 'none' } };

test('each supervisor hears of its own children only', () => {
  const fake = new FakeProcesses();
  const shared = new SharedSpawner(fake.open);
  const heard: [string, ChildEvent][] = [];
  const one = shared.open((event) => heard.push(['one', event]));
  const two = shared.open((event) => heard.push(['two', event]));
  one.spawn(SPEC);
  const first = fake.last;
  two.spawn(SPEC);
  fake.exit(fake.last, 2);
  fake.exit(first, 1);
  expect(heard).toEqual([
    ['two', { kind: 'exited', pid: first + 1, code: 2 }],
    ['one', { kind: 'exited', pid: first, code: 1 }],
  ]);
});

test('one supervisor that closes leaves the other its spawner', () => {
  const fake = new FakeProcesses();
  const shared = new SharedSpawner(fake.open);
  const heard: number[] = [];
  const one = shared.open(({ pid }) => heard.push(pid));
  const two = shared.open(({ pid }) => heard.push(pid));
  one.spawn(SPEC);
  const first = fake.last;
  two.spawn(SPEC);
  one.close();
  fake.exit(first);
  fake.exit(first + 1);
  expect(heard).toEqual([first + 1]);
  expect(fake.closed).toBe(false);
  shared.close();
  expect(fake.closed).toBe(true);
});
