import { defineJob, parseConf } from '@maverick/conf';
import { type JournalLine, SYSTEM } from '@maverick/engine';
import { expect, test } from 'vitest';
import { engineAt } from '../src/past-engine.js';

const definition = defineJob(parseConf('start on go\nexec x').conf ?? {});
const line = (second: number, what: string, more: object): JournalLine => ({
  at: 1000 * second,
  time: `2026-01-01T00:00:0${second}.000Z`,
  what,
  ...more,
});
const began = (second: number, inputs: number) => line(second, 'began', { inputs, options: {}, continued: inputs > 0 });
const define = (second: number) =>
  line(second, 'input', { input: { kind: 'define-job', at: 1000 * second, session: SYSTEM, name: 'a', definition } });
const go = (second: number) =>
  line(second, 'input', { input: { kind: 'emit', at: 1000 * second, session: SYSTEM, name: 'go', env: [] } });

const stateOf = (lines: readonly JournalLine[]): string | undefined =>
  engineAt(lines, '2026-01-01T00:00:09').engine.instance(SYSTEM, 'a', '')?.state;

test('a re-exec goes on, a new run does not', () => {
  expect(stateOf([began(1, 0), define(1), go(2), began(3, 2)])).toBe('spawned');
  expect(stateOf([began(1, 0), define(1), go(2), began(3, 0)])).toBeUndefined();
});

test('a clock that was set back', () => {
  const at = (second: number, time: string, of: JournalLine): JournalLine => ({ ...of, at: 1000 * second, time });
  const lines = [
    at(1, '2026-01-01T10:00:00.000Z', began(1, 0)),
    at(2, '2026-01-01T10:00:01.000Z', define(2)),
    at(3, '2026-01-01T10:00:02.000Z', go(3)),
    at(
      4,
      '2026-01-01T09:00:03.000Z',
      line(4, 'input', { input: { kind: 'remove-job', at: 4000, session: SYSTEM, name: 'a' } }),
    ),
  ];
  const state = (moment: string) => {
    const { engine, at: now } = engineAt(lines, moment);
    return [engine.instance(SYSTEM, 'a', '')?.state, now];
  };
  expect(state('2026-01-01T10:00:01.500Z')).toEqual([undefined, 2500]);
  expect(state('2026-01-01T09:00:04.000Z')).toEqual(['spawned', 5000]);
  expect(() => engineAt(lines, '2026-01-01T08')).toThrowError('begins with 2026-01-01T10:00:00.000Z');
});

test('ages are counted to the moment', () => {
  expect(engineAt([began(1, 0), define(1)], '2026-01-01T00:00:05').at).toBe(5000);
});

test('a snapshot is a beginning, and makes good what was lost before it', () => {
  const { engine } = engineAt([began(1, 0), define(1), go(2)], '2026-01-01T00:00:09');
  const snapshot = line(3, 'snapshot', { options: {}, engine: engine.snapshot() });
  expect(stateOf([go(2), snapshot, go(4)])).toBe('spawned');
  const after = engineAt([began(1, 0), line(2, 'journal-dropped', { lines: 3 }), snapshot], '2026-01-01T00:00:09');
  expect(after.lostLines).toBe(0);
  expect(after.engine.instance(SYSTEM, 'a', '')?.state).toBe('spawned');
  expect(() => engineAt([line(3, 'snapshot', { engine: { version: 2 } })], '2026-02')).toThrowError('must go back');
});

test('where an input is missing nothing is told, until a snapshot makes it good', () => {
  const numbered = (number: number, of: JournalLine): JournalLine => ({ ...of, number });
  const whole = [began(1, 0), numbered(1, define(1)), numbered(2, go(2))];
  const { engine } = engineAt(whole, '2026-01-01T00:00:09');
  const torn = [began(1, 0), numbered(2, go(2)), numbered(3, go(3))];
  const message =
    'The journal can not tell how it was at 2026-01-01T00:00:09: lines of it are missing before 2026-01-01T00:00:02.000Z';
  expect(() => stateOf(torn)).toThrowError(message);
  const snapshot = line(4, 'snapshot', { options: {}, engine: engine.snapshot() });
  expect(stateOf([...torn, snapshot, numbered(3, go(5))])).toBe('spawned');
});

test('where a crash has taken the newest lines nothing is told, until a snapshot makes it good', () => {
  const crashed = [began(1, 0), define(1), began(3, 2)];
  expect(() => stateOf([...crashed, go(4)])).toThrowError('lines of it are missing before 2026-01-01T00:00:03.000Z');
  const { engine } = engineAt([began(1, 0), define(1), go(2)], '2026-01-01T00:00:09');
  const snapshot = line(3, 'snapshot', { options: {}, engine: engine.snapshot() });
  expect(stateOf([...crashed, snapshot])).toBe('spawned');
});

test('lost lines are counted, and a journal that has lost its beginning tells nothing', () => {
  expect(engineAt([began(1, 0), line(2, 'journal-dropped', { lines: 3 })], '2026-02').lostLines).toBe(3);
  expect(() => engineAt([define(1), go(2)], '2026-02')).toThrowError(
    'The journal can not tell how it was at 2026-02: it must go back to the beginning of the daemon then, and begins with 2026-01-01T00:00:01.000Z',
  );
});
