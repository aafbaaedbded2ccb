import { defineJob, parseConf } from '@maverick/conf';
import { type Engine, type Input, SYSTEM } from '@maverick/engine';
import { describe, expect, test } from 'vitest';
import { Adoption } from '../src/adoption.js';
import type { UnstampedInput } from '../src/engine-loop.js';
import type { ProcessPort } from '../src/ports.js';
import { ProcessTable } from '../src/process-table.js';
import { Readiness } from '../src/readiness.js';
import { restoreEngine } from '../src/saved-engine.js';
import { bootId, type RecordLine, type SavedState } from '../src/state-file.js';
import type { Survivor } from '../src/survivors.js';

const STATE: SavedState = {
  version: 1,
  generation: 1,
  runId: 'run',
  bootId: bootId(),
  options: {},
  lastRequest: 0,
  processes: [],
};

const define = (text: string, name = 'web'): RecordLine => ({
  input: { kind: 'define-job', at: 0, session: SYSTEM, name, definition: defineJob(parseConf(text).conf ?? {}) },
});
const input = (some: UnstampedInput): RecordLine => ({ input: { ...some, at: 1 } as Input });
const START = input({ kind: 'start', session: SYSTEM, job: 'web', request: 9, wait: true });
const STARTED = input({ kind: 'process-started', process: 1, pid: 100 });
const STOP = input({ kind: 'stop', session: SYSTEM, job: 'web', request: 10, wait: true });

interface Surroundings {
  /** PIDs that are alive, with their start times. */
  readonly living?: Readonly<Record<number, number>>;
  readonly survivors?: Readonly<Record<number, readonly Survivor[]>>;
  /** What is found instead when it is looked again. */
  readonly later?: readonly Readonly<Record<number, readonly Survivor[]>>[];
}

/** Take over what such a record says. Returns what was done, as words. */
const adopt = (lines: readonly RecordLine[], { living = {}, survivors = {}, later = [] }: Surroundings) => {
  const scans = [survivors, ...later];
  const clock = { now: 0 };
  const saved = restoreEngine({ state: STATE, lines });
  const done: string[] = [];
  const engine: Engine = saved.engine;
  const send = (some: UnstampedInput): void => {
    done.push(`${some.kind}${'pid' in some ? ` ${some.pid}` : ''}`);
    engine.dispatch({ ...some, at: 2 } as Input);
  };
  const processes: ProcessPort = {
    spawn: () => ({ ok: true, pid: 1 }),
    kill: () => ({ ok: true }),
    close: () => {},
    adopt: (pid, startTime) => (living[pid] === startTime ? { ok: true } : { ok: false, errno: 3 }),
  };
  const adoption = new Adoption(saved, {
    engine,
    now: () => clock.now,
    processes,
    table: new ProcessTable(),
    readiness: new Readiness({ send, pidOf: () => undefined, mainPid: () => {}, files: () => {}, status: () => {} }),
    started: () => {},
    launch: ({ role }) => done.push(`start ${role}`),
    perform: ({ kind }) => done.push(kind),
    send,
    say: (_priority, message) => done.push(message),
    endedUnknown: () => done.push('ended'),
    findSurvivors: () => {
      const found = (scans.length > 1 ? scans.shift() : scans[0]) ?? {};
      return new Map(Object.entries(found).map(([process, all]) => [Number(process), all]));
    },
  });
  const counts = adoption.run();
  return { done, counts, saved, adoption, clock };
};

const NOT_KNOWN = 'web main process ended while nobody watched: how is not known';
const leader = (pid: number): Survivor => ({ pid, startTime: 5, leads: true });

describe('what becomes of a process of the supervisor that died', () => {
  test.each<{ what: string; lines: RecordLine[]; around: Surroundings; done: string[] }>([
    {
      what: 'it was asked for, and has left no trace: it is started',
      lines: [START],
      around: {},
      done: ['start main'],
    },
    {
      what: 'it was born in the last instant, and lives: it is found by its environment',
      lines: [START, { born: 1 }],
      around: { living: { 100: 5 }, survivors: { 1: [leader(100)] } },
      done: ['process-started 100'],
    },
    {
      what: 'it was born, and nobody is found: it is not started twice',
      lines: [START, { born: 1 }],
      around: {},
      done: [NOT_KNOWN, 'ended'],
    },
    {
      what: 'only a descendant of it lives: that is not it',
      lines: [START, { born: 1 }],
      around: { living: { 101: 5 }, survivors: { 1: [{ ...leader(101), leads: false }] } },
      done: [NOT_KNOWN, 'ended'],
    },
    {
      what: 'it runs, and its start time had not been looked up: its environment names it',
      lines: [START, { born: 1 }, STARTED],
      around: { living: { 100: 5, 101: 5 }, survivors: { 1: [leader(101), leader(100)] } },
      done: [],
    },
    {
      what: 'it runs',
      lines: [START, { born: 1 }, { started: [1, 100, 5] }, STARTED],
      around: { living: { 100: 5 } },
      done: [],
    },
    {
      what: 'its number is another process now',
      lines: [START, { born: 1 }, { started: [1, 100, 5] }, STARTED],
      around: { living: { 100: 6 } },
      done: [NOT_KNOWN, 'ended'],
    },
    {
      what: 'it was being stopped: the signal is sent, perhaps again',
      lines: [START, { born: 1 }, { started: [1, 100, 5] }, STARTED, STOP],
      around: { living: { 100: 5 } },
      done: ['kill'],
    },
  ])('$what', ({ lines, around, done }) => {
    expect(adopt([define('exec x\n'), ...lines], around).done).toEqual(done);
  });

  test('it has forked away meanwhile: who remains is supervised, and it is up', () => {
    const { done, counts } = adopt(
      [define('expect daemon\nexec x\n'), START, { born: 1 }, { started: [1, 100, 5] }, STARTED],
      { living: { 102: 5 }, survivors: { 1: [{ pid: 102, startTime: 5, leads: false }] } },
    );
    expect(done).toEqual(['process-forked 102', 'process-ready']);
    expect(counts).toEqual({ adopted: 1, ended: 0, startedNow: 0 });
  });

  test('it forks away as its own definition says, though its job was defined anew', () => {
    const lines = [
      define('expect fork\nexec x\n'),
      START,
      { born: 1 } as const,
      { started: [1, 100, 5] as const },
      STARTED,
      define('exec y\n'),
    ];
    const { done } = adopt(lines, {
      living: { 102: 5 },
      survivors: { 1: [{ pid: 102, startTime: 5, leads: false }] },
    });
    expect(done).toEqual(['process-forked 102', 'process-ready']);
  });

  test('it forks away in the very moment in which it is taken over: who remains is supervised', () => {
    const lines = [
      define('expect fork\nexec x\n'),
      START,
      { born: 1 } as const,
      { started: [1, 100, 5] as const },
      STARTED,
    ];
    const { done, counts } = adopt(lines, {
      living: { 102: 5 },
      survivors: { 1: [leader(100)] },
      later: [{ 1: [{ pid: 102, startTime: 5, leads: false }] }],
    });
    expect(done).toEqual(['process-forked 102', 'process-ready']);
    expect(counts).toEqual({ adopted: 1, ended: 0, startedNow: 0 });
  });

  test.each([
    { what: 'at once: the daemon that it has forked is supervised', after: 500, moved: true },
    { what: 'much later: it has ended', after: 5000, moved: false },
  ])('between the two forks of a daemon the one in the middle is found, and ends $what', ({ after, moved }) => {
    const between = { pid: 101, startTime: 5, leads: false };
    const lines = [
      define('expect daemon\nexec x\n'),
      START,
      { born: 1 } as const,
      { started: [1, 100, 5] as const },
      STARTED,
    ];
    const { done, saved, adoption, clock } = adopt(lines, {
      living: { 101: 5, 102: 5 },
      survivors: { 1: [between] },
      later: [{ 1: [{ ...between, pid: 102 }] }],
    });
    expect(done).toEqual(['process-forked 101', 'process-ready']);
    clock.now += after;
    const ref = { session: SYSTEM, job: 'web', instance: '' };
    expect(adoption.movedOn(1, 'main', ref)).toBe(moved);
    const pid = moved ? 102 : 101;
    expect(saved.engine.instance(SYSTEM, 'web', '')?.processes).toMatchObject([{ role: 'main', pid }]);
  });

  test('it had been seen to fork, and nothing more was kept of that: the one that it forked is found', () => {
    const forked = [
      input({ kind: 'process-forked', process: 1, pid: 101 }),
      input({ kind: 'process-ready', process: 1 }),
    ];
    const lines = [
      define('expect fork\nexec x'),
      START,
      { born: 1 },
      { started: [1, 100, 5] as const },
      STARTED,
      ...forked,
    ];
    const { done, counts } = adopt(lines, {
      living: { 101: 6 },
      survivors: { 1: [{ pid: 101, startTime: 6, leads: false }] },
    });
    expect(done).toEqual([]);
    expect(counts).toEqual({ adopted: 1, ended: 0, startedNow: 0 });
  });

  test('it has forked away meanwhile, and the end of another stops it: who remains is known by then', () => {
    const lines = [
      define('exec web'),
      define('stop on stopping web\nexpect daemon\nexec db', 'db'),
      START,
      STARTED,
      input({ kind: 'start', session: SYSTEM, job: 'db', request: 11, wait: true }),
      input({ kind: 'process-started', process: 2, pid: 200 }),
    ];
    const { done, saved } = adopt(lines, { living: { 201: 5 }, survivors: { 2: [leader(201)] } });
    expect(done).toEqual(['process-forked 201', NOT_KNOWN, 'ended', 'process-ready']);
    expect(saved.engine.instance(SYSTEM, 'db', '')?.processes).toMatchObject([{ role: 'main', pid: 201 }]);
  });

  test('it was to tell of its readiness on a pipe, which is gone: it counts as ready', () => {
    const { done } = adopt([define('expect fd 3\nexec x\n'), START, { born: 1 }, { started: [1, 100, 5] }, STARTED], {
      living: { 100: 5 },
    });
    expect(done).toEqual(['process-ready']);
  });
});

test('requests that wait in the engine keep their numbers', () => {
  expect(adopt([define('exec x\n'), START], {}).saved.lastRequest).toBe(9);
});
