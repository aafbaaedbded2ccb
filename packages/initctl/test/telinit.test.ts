import { describe, expect, test } from 'vitest';
import { FakeMachine } from './helpers/fake-machine.js';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const HINT = "Try `telinit --help' for more information.\n";

const telinit = async (line: readonly string[], options: { env?: object; uid?: number } = {}) => {
  const machine = new FakeMachine();
  const fake = fakeUpstart({});
  const ran = await run(line, { program: '/sbin/telinit', machine, client: fake.client, ...options });
  return { ran, calls: [...fake.calls, ...machine.calls], machine };
};

const done = { status: 0, stdout: '', stderr: '' };

describe('a level', () => {
  test.each([
    { line: ['2'], event: 'emit runlevel RUNLEVEL=2 PREVLEVEL=N without waiting' },
    { line: ['s'], event: 'emit runlevel RUNLEVEL=S PREVLEVEL=N without waiting' },
    { line: ['-t', '5', '0'], event: 'emit runlevel RUNLEVEL=0 PREVLEVEL=N without waiting' },
    {
      line: ['-e', 'A=b', '4', '-eC=d'],
      event: 'emit runlevel RUNLEVEL=4 PREVLEVEL=N A=b C=d without waiting',
    },
  ])('$line: $event', async ({ line, event }) => {
    const { ran, calls, machine } = await telinit(line);
    expect(ran).toEqual(done);
    expect(calls).toEqual([event]);
    expect(machine.records('wtmp')).toHaveLength(2);
  });

  test('the one before is that of the environment', async () => {
    const { calls } = await telinit(['3'], { env: { RUNLEVEL: '2' } });
    expect(calls).toEqual(['emit runlevel RUNLEVEL=3 PREVLEVEL=2 without waiting']);
  });

  test('a session init is never meant', async () => {
    const { stderr } = await run(['2'], {
      program: 'telinit',
      machine: new FakeMachine(),
      env: { UPSTART_SESSION: 'unix:abstract=/maverick/nobody' },
      connect: async (init) => {
        throw new Error(`asked for ${init.kind}`);
      },
    });
    expect(stderr).toBe('telinit: asked for system-init\n');
  });
});

test.each(['q', 'Q'])('%s: SIGHUP to init', async (level) => {
  const { ran, calls } = await telinit([level]);
  expect(ran).toEqual(done);
  expect(calls).toEqual(['kill 1 SIGHUP']);
});

test('u: init executes itself again, and is waited for', async () => {
  const fake = fakeUpstart({});
  let connections = 0;
  const client = async () => {
    connections += 1;
    if (connections === 2) throw new Error('not yet');
    return fake.client;
  };
  const ran = await run(['u'], { program: 'telinit', machine: new FakeMachine(), connect: client });
  expect(ran).toEqual(done);
  expect(fake.calls).toEqual(['restart']);
  expect(connections).toBe(3);
});

test.each([
  { line: [], text: 'missing runlevel' },
  { line: ['9'], text: 'illegal runlevel: 9' },
  { line: ['12'], text: 'illegal runlevel: 12' },
  { line: [''], text: 'illegal runlevel: ' },
])('$line: $text', async ({ line, text }) => {
  expect((await telinit(line)).ran).toEqual({ status: 1, stdout: '', stderr: `telinit: ${text}\n${HINT}` });
});

test('only root may', async () => {
  const { ran, calls, machine } = await telinit(['2'], { uid: 1000 });
  expect(ran).toEqual({ status: 1, stdout: '', stderr: 'telinit: Need to be root\n' });
  expect(calls).toEqual([]);
  expect(machine.records('utmp')).toEqual([]);
});
