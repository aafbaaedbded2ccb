import { expect, test } from 'vitest';
import { Log } from '../src/log.js';
import { LogShares } from '../src/log-shares.js';
import { reportTo } from '../src/report.js';

const RATE = { burst: 3, perSecond: 1 };

/** Shares with a time of their own; `later` are the callbacks that wait for it. */
const setUp = () => {
  let now = 0;
  const told: string[] = [];
  const later: (() => void)[] = [];
  const shares = new LogShares({
    tell: (whose, count) => told.push(`${whose} ${count}`),
    rate: RATE,
    clock: { now: () => now },
    after: (_ms, callback) => later.push(callback),
  });
  const take = (whose: string, count: number) =>
    Array.from({ length: count }, () => shares.take(whose)).filter(Boolean);
  return { shares, told, later, take, pass: (ms: number) => (now += ms) };
};

test('what is beyond a share is left out, and counted; others have theirs', () => {
  const { take, told, pass, later } = setUp();
  expect(take('alice', 10)).toHaveLength(3);
  expect(take('bob', 2)).toHaveLength(2);
  expect(told).toEqual([]);
  pass(1000);
  expect(take('alice', 5)).toHaveLength(1);
  // Not after each line that is written again: that would be as many lines once more.
  expect(told).toEqual([]);
  expect(later).toHaveLength(1);
  later[0]?.();
  expect(told).toEqual(['alice 11']);
});

test('it is said after a while, also where nothing else is', () => {
  const { take, told, later } = setUp();
  take('alice', 5);
  take('alice', 5);
  expect(later).toHaveLength(1);
  later[0]?.();
  expect(told).toEqual(['alice 7']);
  take('alice', 1);
  expect(later).toHaveLength(2);
});

test.each([
  { session: 'user:alice', written: 3 },
  { session: '', written: 10 },
  { session: '/srv/build', written: 10 },
])(
  'of the lines about $session at most $written are written, and only those count that would be',
  ({ session, written }) => {
    const { shares } = setUp();
    const lines: string[] = [];
    const report = reportTo(new Log('message', ({ text }) => lines.push(text)), shares);
    const instance = { session, job: 'web', instance: '' };
    const moment = { at: 0, wall: 0 };
    for (let count = 0; count < 10; count += 1) {
      report({ kind: 'message', priority: 'info', message: 'not written', instance }, moment);
      report({ kind: 'message', priority: 'warn', message: 'of an instance', instance }, moment);
    }
    expect(lines).toHaveLength(written);
    report({ kind: 'message', priority: 'warn', message: 'of the session', session }, moment);
    expect(lines.at(-1)).toBe(written === 3 ? 'of an instance' : 'of the session');
  },
);
