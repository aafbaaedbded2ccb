import { describe, expect, test } from 'vitest';
import { Engine, type Input, SYSTEM } from '../src/index.js';
import { jobOf } from './helpers/machine.js';
import { maverick } from './helpers/scenario.js';

/** An engine whose processes are reported on by hand. */
const bare = (text: string, semantics: 'maverick' | 'upstart' = 'maverick') => {
  const engine = new Engine({ semantics });
  let at = 0;
  const send = (input: Input extends infer I ? (I extends unknown ? Omit<I, 'at'> : never) : never) =>
    engine.dispatch({ ...input, at });
  send({ kind: 'define-job', session: SYSTEM, name: 'a', definition: jobOf(text) });
  const start = () => send({ kind: 'start', session: SYSTEM, job: 'a', request: 1, wait: true });
  const state = () => engine.instance(SYSTEM, 'a', '')?.state;
  const pass = (ms: number) => {
    at += ms;
    const due = engine.timers().filter(({ dueAt }) => dueAt <= at);
    return due.flatMap(({ timer }) => send({ kind: 'timer-fired', timer }));
  };
  return { engine, send, start, state, pass };
};

const EXIT_0 = { kind: 'exited', code: 0 } as const;
const FORK_FAILED = { step: 'fork', errno: 11, message: 'unable to fork: Resource temporarily unavailable' } as const;

describe('the end of a process whose start is not confirmed (Q1)', () => {
  test('waits for the confirmation', () => {
    const { send, start, state } = bare('task\nexec /bin/x');
    start();
    send({ kind: 'process-exited', process: 1, status: EXIT_0 });
    expect(state()).toBe('spawned');
    const effects = send({ kind: 'process-started', process: 1, pid: 7 });
    expect(effects.flatMap((effect) => (effect.kind === 'event-queued' ? effect.name : []))).toEqual([
      'started',
      'stopping',
      'stopped',
    ]);
  });

  test('is dropped when the start has failed', () => {
    const { send, start } = bare('exec /bin/x');
    start();
    send({ kind: 'process-exited', process: 1, status: { kind: 'exited', code: 255 } });
    const failure = { step: 'exec', errno: 2, message: 'unable to execute: No such file or directory' };
    const effects = send({ kind: 'spawn-failed', process: 1, failure });
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'job-failed', process: 'main', status: -1 }));
  });

  test('is taken after a second without news', () => {
    const { send, start, state, pass } = bare('exec /bin/x');
    start();
    send({ kind: 'process-exited', process: 1, status: EXIT_0 });
    pass(999);
    expect(state()).toBe('spawned');
    pass(1);
    expect(state()).toBeUndefined();
  });
});

test('a failing fork is tried again five times, a second apart, before it counts (Q14)', () => {
  const { send, start, state, pass } = bare('exec /bin/x');
  start();
  let process = 1;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    send({ kind: 'spawn-failed', process, failure: FORK_FAILED });
    expect(state()).toBe('spawned');
    expect(pass(1000)).toContainEqual(expect.objectContaining({ kind: 'spawn', process: process + 1 }));
    process += 1;
  }
  const effects = send({ kind: 'spawn-failed', process, failure: FORK_FAILED });
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'job-failed', process: 'main' }));
});

test('a stop ends the attempts to fork', () => {
  const { send, start, state, pass } = bare('exec /bin/x');
  start();
  send({ kind: 'spawn-failed', process: 1, failure: FORK_FAILED });
  send({ kind: 'stop', session: SYSTEM, job: 'a', request: 2, wait: true });
  pass(1000);
  expect(state()).toBeUndefined();
});

test('news of a process that is not known is ignored', () => {
  const { send } = bare('exec /bin/x');
  expect(send({ kind: 'process-exited', process: 99, status: EXIT_0 })).toEqual([]);
});

test('reload signals the main process alone', () => {
  const { send, start } = bare('reload signal USR1\nexec /bin/x');
  start();
  send({ kind: 'process-started', process: 1, pid: 7 });
  expect(send({ kind: 'reload', session: SYSTEM, job: 'a', request: 2 })).toContainEqual(
    expect.objectContaining({ kind: 'kill', process: 1, signal: 10, group: false }),
  );
});

test('descriptors go to the job that the event starts, and are closed when it is gone', () => {
  const it = maverick({ a: 'start on A\nexec /bin/x' });
  const seen = it.send({ kind: 'emit', session: SYSTEM, name: 'A', env: [], fds: [9] });
  expect(seen).not.toContain('#close');
  expect(it.env('a')).toContain('UPSTART_FDS=9');
  it.stop('a');
  expect(it.exit('a', 'TERM')).toContain('#close 9');
});

test('descriptors of an event that nobody wants are closed with it', () => {
  const it = maverick({});
  expect(it.send({ kind: 'emit', session: SYSTEM, name: 'A', env: [], fds: [9] })).toBe('+A =A -A #close 9');
});

test('descriptors are kept by a half-met condition until a newer event replaces them', () => {
  const it = maverick({ a: 'start on A and B\nexec /bin/x' });
  expect(it.send({ kind: 'emit', session: SYSTEM, name: 'A', env: [], fds: [9] })).toBe('+A =A -A');
  expect(it.send({ kind: 'emit', session: SYSTEM, name: 'A', env: [], fds: [10] })).toBe('+A =A #close 9 -A');
});

test.each([
  ['maverick', 'fails the job (Q4)', undefined],
  ['upstart', 'leaves it in security', 'security'],
] as const)("a security process that can't be started, semantics %s, %s", (semantics, _what, state) => {
  const engine = new Engine({ semantics });
  const definition = jobOf('apparmor load /etc/a\nexec /bin/x');
  engine.dispatch({ kind: 'define-job', at: 0, session: SYSTEM, name: 'a', definition });
  const started = engine.dispatch({ kind: 'start', at: 0, session: SYSTEM, job: 'a', request: 1, wait: true });
  expect(started).toContainEqual(expect.objectContaining({ kind: 'spawn', role: 'security' }));
  const failure = { step: 'exec', errno: 2, message: 'no such file' };
  expect(engine.dispatch({ kind: 'spawn-failed', at: 1, process: 1, failure })).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'job-failed', process: 'security', status: -1 }),
      expect.objectContaining({
        kind: 'reply',
        reply: { ok: false, code: 'JobFailed', message: 'Job failed to start' },
      }),
    ]),
  );
  expect(engine.instance(SYSTEM, 'a', '')?.state).toBe(state);
});
