import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { giveBackMemoryAtRest } from '../src/give-back-memory.js';

const { done, inspector } = vi.hoisted(() => ({ done: [] as string[], inspector: { isThere: true } }));

vi.mock('@maverick/spawner', () => ({ trimMemory: () => done.push('trim') }));

vi.mock('node:inspector', () => ({
  Session: class {
    constructor() {
      if (!inspector.isThere) throw new Error('Inspector is not available');
    }
    connect(): void {
      done.push('connect');
    }
    post(method: string, answer: () => void): void {
      done.push(method);
      answer();
      done.push('answered');
    }
    disconnect(): void {
      done.push('disconnect');
    }
  },
}));

/** So much processor time is used in each half second. */
let usedUs = 0;

beforeEach(() => {
  done.length = 0;
  inspector.isThere = true;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({
    user: before === undefined ? 0 : usedUs,
    system: 0,
  }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const ALL = ['connect', 'HeapProfiler.collectGarbage', 'answered', 'trim', 'disconnect'];

test.each([
  { what: 'while there is work', looks: [400_000, 300_000, 51_000], expected: [] },
  { what: 'when there is next to none', looks: [400_000, 9000], expected: ALL },
  { what: 'once only', looks: [400_000, 9000, 0, 300_000, 0], expected: ALL },
  { what: 'without an inspector, by libc alone', looks: [0], isThere: false, expected: ['trim'] },
])('memory is given back $what', async ({ looks, isThere = true, expected }) => {
  inspector.isThere = isThere;
  giveBackMemoryAtRest();
  for (const used of looks) {
    usedUs = used;
    await vi.advanceTimersByTimeAsync(500);
  }
  await vi.waitFor(() => expect(done.toSorted()).toEqual(expected.toSorted()), { timeout: 60_000 });
  // A session that ended within its answer would wait for itself.
  expect(done.indexOf('disconnect')).toBeGreaterThanOrEqual(done.indexOf('answered'));
});

test('it can be called off', async () => {
  usedUs = 0;
  giveBackMemoryAtRest()();
  await vi.advanceTimersByTimeAsync(2000);
  expect(done).toEqual([]);
});
