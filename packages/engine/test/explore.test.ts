import { type JobDefinition, lint } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { Engine, type ExploreOptions, explore, type Finding, type Move, moveInWords, SYSTEM } from '../src/index.js';
import { inputOf, inside, outsideMoves } from '../src/moves.js';
import { jobOf } from './helpers/machine.js';

const { MAVERICK_RUNS = '12' } = process.env;

const jobsOf = (texts: Readonly<Record<string, string>>): Record<string, JobDefinition> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, jobOf(text)]));

const explored = (texts: Readonly<Record<string, string>>, options?: ExploreOptions) => explore(jobsOf(texts), options);

const movesText = (moves: readonly Move[]): string => moves.map(moveInWords).join('; ');

/** `KIND of JOB: the sequence`. */
const told = (finding: Finding): string => {
  const path = movesText(finding.path);
  if (finding.kind === 'restart-loop') {
    return `restart-loop of ${finding.jobs.join(', ')}: ${path}, round: ${movesText(finding.round)}`;
  }
  const [first] =
    finding.kind === 'deadlock' ? finding.chain.flatMap((node) => ('instance' in node ? node.instance : [])) : [];
  const about = finding.kind === 'deadlock' ? first?.job : finding.instance.job;
  return `${finding.kind} of ${about}: ${path}`;
};

describe('what is bad is found, by the shortest sequence', () => {
  test.each([
    [
      'two jobs, each held by the start of the other',
      { a: 'start on starting b\nexec x', b: 'start on starting a\nexec x' },
      ['deadlock of a: start of a'],
    ],
    [
      'the same behind an event',
      { a: 'start on boot or starting b\nexec x', b: 'start on starting a\nexec x' },
      ['deadlock of a: event boot'],
    ],
    [
      'two jobs, each held by the stop of the other',
      { a: 'stop on stopping b\nexec x', b: 'stop on stopping a\nexec x' },
      ['deadlock of a: start of a; start of b; stop of a'],
    ],
    [
      'half a condition whose other half comes only when it lets go',
      { slow: 'exec x', held: 'start on starting slow and started slow\nexec x' },
      ['stuck of slow: start of slow'],
    ],
    [
      'a job that starts itself for ever',
      { a: 'start on boot or stopped a\nstop on started a' },
      ['start-loop of a: event boot'],
    ],
    [
      'a task that starts itself at its end',
      { a: 'start on stopped a\ntask\nexec x' },
      ['restart-loop of a: start of a, round: the main process of a ends'],
    ],
    [
      'tasks that start each other at their ends',
      { a: 'start on boot or stopped b\ntask\nexec x', b: 'start on stopped a\ntask\nexec x' },
      ['restart-loop of a, b: event boot, round: the main process of a ends; the main process of b ends'],
    ],
  ])('%s', (_, texts, findings) => {
    const { findings: found, complete } = explored(texts);
    expect([found.map(told), complete]).toEqual([findings, true]);
  });

  test('conditions that no sequence makes true', () => {
    expect(explored({ a: 'start on boot\nexec x', b: 'while a and not a\nexec x' }).neverStart).toEqual(['b']);
  });
});

describe('what is good is left alone', () => {
  test.each([
    ['half a condition whose other half may come', { slow: 'exec x', held: 'start on starting slow and warm\nexec x' }],
    ['a chain', { db: 'start on boot\nexec x', web: 'start on started db\nstop on stopping db\nexec x' }],
    ['a state', { net: 'start on up\nstop on down', sync: 'while net\nexec x' }],
    ['respawns without a limit', { a: 'start on boot\nrespawn\nrespawn limit unlimited\nexec x' }],
    [
      'a job that follows one that respawns without a limit',
      {
        a: 'start on boot\nrespawn\nrespawn limit unlimited\nexec x',
        b: 'start on started a\nstop on stopping a\nexec x',
      },
    ],
    ['a task that is tried again when it fails', { a: 'start on boot or stopped a RESULT=failed\ntask\nexec x' }],
    ['respawns with a wait', { a: 'start on boot\nrespawn\nrespawn backoff 1 8\nexec x' }],
    ['instances', { worker: 'instance $N\nstart on add\nstop on drop N=$N\nexec x' }],
    [
      'readiness',
      { a: 'start on boot\nexpect stop\nexec x', b: 'start on boot2\nexpect fork\npre-start exec p\nexec x' },
    ],
  ])('%s', (_, texts) => {
    const { findings, neverStart, complete } = explored(texts);
    expect([findings.map(told), neverStart, complete]).toEqual([[], [], true]);
  });
});

test('jobs that can not influence each other are explored by themselves', () => {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`j${index}`, `start on boot${index % 3}\nexec x`]),
  );
  expect(explored(many)).toMatchObject({ groups: 30, complete: true, findings: [] });
});

test('a bound ends it, and it says how far it has come', () => {
  const found = explored({ a: 'start on x\nexec x', b: 'start on started a\nexec x' }, { mostMoves: 30 });
  expect(found.complete).toBe(false);
  expect(found.moves).toBeLessThan(60);
  expect(found.depth).toBeGreaterThan(0);
});

/** The lengths of the shortest sequences to deadlocks and loops, found by trying each sequence from its beginning. */
const bruteForce = (jobs: Readonly<Record<string, JobDefinition>>, longest: number): Map<string, number> => {
  const found = new Map<string, number>();
  const outside = outsideMoves(jobs);
  const play = (path: readonly Move[]): Engine => {
    const engine = new Engine();
    for (const [name, definition] of Object.entries(jobs)) {
      engine.dispatch({ kind: 'define-job', at: 0, session: SYSTEM, name, definition });
    }
    for (const [index, move] of path.entries()) {
      const effects = engine.dispatch(inputOf(engine, engine.snapshot(), move, index + 1));
      for (const effect of effects) {
        if (effect.kind === 'spawn') {
          const { process } = effect;
          effects.push(...engine.dispatch({ kind: 'process-started', at: 0, process, pid: 1 }));
        }
        if (effect.kind !== 'deadlock' && effect.kind !== 'start-loop') continue;
        const key = effect.kind;
        found.set(key, Math.min(found.get(key) ?? Number.POSITIVE_INFINITY, index + 1));
      }
    }
    return engine;
  };
  const walk = (path: readonly Move[]): void => {
    const engine = play(path);
    if (path.length === longest) return;
    for (const move of [...outside, ...inside(engine, engine.snapshot())]) walk([...path, move]);
  };
  walk([]);
  return found;
};

const NAMES = ['a', 'b'] as const;
const operand = fc.oneof(
  fc.constantFrom('E'),
  fc
    .tuple(fc.constantFrom('starting', 'started', 'stopping', 'stopped'), fc.constantFrom(...NAMES))
    .map((words) => words.join(' ')),
);
const condition = fc.oneof(
  operand,
  fc.tuple(operand, fc.constantFrom('and', 'or'), operand).map(([left, how, right]) => `${left} ${how} ${right}`),
);
const job = fc
  .tuple(fc.option(condition), fc.option(condition), fc.constantFrom('exec x', 'task\nexec x', ''))
  .map(([start, stop, rest]) => [start ? `start on ${start}` : '', stop ? `stop on ${stop}` : '', rest].join('\n'));

test('of random small sets it finds what trying every sequence finds, as early', { timeout: 120_000 }, () => {
  const LONGEST = 3;
  fc.assert(
    fc.property(fc.tuple(job, job), ([a, b]) => {
      const jobs = jobsOf({ a, b });
      const { findings } = explore(jobs, { longest: LONGEST, mostMoves: 1_000_000 });
      const nearest = new Map<string, number>();
      for (const { kind, path } of findings) {
        if (kind === 'deadlock' || kind === 'start-loop')
          nearest.set(kind, Math.min(nearest.get(kind) ?? Number.POSITIVE_INFINITY, path.length));
      }
      expect([a, b, [...nearest].sort()]).toEqual([a, b, [...bruteForce(jobs, LONGEST)].sort()]);
    }),
    { numRuns: Number(MAVERICK_RUNS) },
  );
});

test('what waits for itself never starts by events alone, and what starts so is never said to', {
  timeout: 120_000,
}, () => {
  const names = ['a', 'b', 'c'];
  const event = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('E', 'started nobody') },
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom('starting', 'started', 'stopped'), fc.constantFrom(...names))
        .map((words) => words.join(' ')),
    },
  );
  const start = fc.oneof(
    event,
    fc.tuple(event, fc.constantFrom('and', 'or'), event).map(([left, how, right]) => `${left} ${how} ${right}`),
  );
  const state = fc.tuple(fc.constantFrom('', 'not '), fc.constantFrom(...names)).map((words) => words.join(''));
  const text = fc
    .tuple(fc.option(start, { freq: 6 }), fc.option(state, { freq: 1 }), fc.constantFrom('exec x', 'task\nexec x', ''))
    .map(([on, up, rest]) => [on ? `start on ${on}` : '', up ? `while ${up}` : '', rest].join('\n'));
  let cycles = 0;
  fc.assert(
    fc.property(fc.tuple(text, text, text), ([a, b, c]) => {
      const jobs = jobsOf({ a, b, c });
      const found = lint(Object.entries(jobs).map(([name, definition]) => ({ name, definition })));
      const waiting = found.flatMap((finding) => (finding.code === 'start-cycle' ? finding.jobs : []));
      if (waiting.length === 0) return;
      const { neverStart, complete } = explore(jobs, { commands: 'without-condition', mostMoves: 1000 });
      if (!complete) return;
      cycles += 1;
      expect([a, b, c, waiting.filter((name) => !neverStart.includes(name))]).toEqual([a, b, c, []]);
    }),
    { numRuns: 20 * Number(MAVERICK_RUNS) },
  );
  expect(cycles).toBeGreaterThan(0);
});
