import type { ProcessRole } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { Engine, type Semantics, SYSTEM } from '../src/index.js';
import { jobOf } from './helpers/machine.js';
import { Scenario } from './helpers/scenario.js';

type Found = Readonly<Record<string, Readonly<Partial<Record<ProcessRole, number>>>>>;

/** Adopt jobs by their processes: job, role, and the number that each had. */
const adopt = (it: Scenario, jobs: Readonly<Record<string, string>>, found: Found, env: readonly string[] = []) =>
  it.send({
    kind: 'adopt-jobs',
    session: SYSTEM,
    jobs: Object.entries(jobs).map(([name, text]) => {
      const processes = Object.entries(found[name] ?? {}).map(([role, process]) => ({
        process,
        role: role as ProcessRole,
        pid: 1000 + process,
      }));
      const instances = processes.length === 0 ? [] : [{ instance: '', env, processes }];
      return { name, definition: jobOf(text), instances };
    }),
    nextProcess: 50,
  });

const ALL = 'pre-start exec /bin/a\nexec /bin/b\npost-start exec /bin/c\npre-stop exec /bin/d\npost-stop exec /bin/e\n';

describe.each<{ semantics: Semantics }>([{ semantics: 'maverick' }, { semantics: 'upstart' }])(
  'adopted jobs in $semantics semantics',
  ({ semantics }) => {
    test.each<{ found: Found[string]; place: string; ends: ProcessRole; next: string }>([
      { found: { main: 7 }, place: 'start/running', ends: 'main', next: '[a post-stop]' },
      { found: { 'pre-start': 7 }, place: 'start/pre-start', ends: 'pre-start', next: '[a main]' },
      { found: { main: 7, 'post-start': 8 }, place: 'start/post-start', ends: 'post-start', next: 'a:running' },
      { found: { 'post-start': 8 }, place: 'stop/post-start', ends: 'post-start', next: '[a post-stop]' },
      { found: { main: 7, 'pre-stop': 8 }, place: 'stop/pre-stop', ends: 'pre-stop', next: 'TERM(a main)' },
      { found: { 'post-stop': 8 }, place: 'stop/post-stop', ends: 'post-stop', next: 'a:waiting' },
    ])('with $found it is in $place, and goes on from there', ({ found, place, ends, next }) => {
      const it = new Scenario({}, semantics);
      const seen = adopt(it, { a: ALL }, { a: found });
      expect(seen).not.toMatch(/[[+]/);
      const instance = it.machine.engine.instance(SYSTEM, 'a', '');
      expect(`${instance?.goal}/${instance?.state}`).toBe(place);
      const process = found[ends] ?? 0;
      expect(it.send({ kind: 'process-exited', process, status: { kind: 'exited', code: 0 } })).toContain(next);
    });

    test('new processes have numbers that nobody has who lives', () => {
      const it = new Scenario({}, semantics);
      adopt(it, { a: ALL, b: 'exec /bin/x' }, { a: { main: 7 } });
      it.start('b');
      expect(it.machine.find('b')?.process).toBe(50);
    });

    test('what it was started with is there for its respawn', () => {
      const it = new Scenario({}, semantics);
      adopt(it, { a: 'respawn\nexec /bin/x\n' }, { a: { main: 7 } }, ['X=1']);
      it.send({ kind: 'process-exited', process: 7, status: { kind: 'exited', code: 1 } });
      expect(it.machine.find('a')?.env).toContain('X=1');
    });

    test('after a snapshot it is as before', () => {
      const it = new Scenario({}, semantics);
      adopt(it, { a: ALL }, { a: { main: 7 } });
      const { engine } = it.machine;
      const restored = Engine.restore(engine.snapshot());
      expect(restored.snapshot()).toEqual(engine.snapshot());
      expect(restored.jobs(SYSTEM)).toEqual(engine.jobs(SYSTEM));
    });
  },
);

test('a state is looked at when all are known: what it holds for is not started again, and what it lacks is', () => {
  const it = new Scenario({}, 'maverick');
  const jobs = {
    a: 'while z\nexec /bin/a\n',
    b: 'while z\nexec /bin/b\n',
    c: 'while not z\nexec /bin/c\n',
    z: 'exec /bin/z\n',
  };
  const seen = adopt(it, jobs, { a: { main: 3 }, z: { main: 4 } });
  expect(seen).toContain('[b main]');
  expect(seen).not.toMatch(/\[[ac] main\]/);
});

test('a job without an instance is defined, and starts on its events', () => {
  const it = new Scenario({}, 'maverick');
  adopt(it, { a: 'start on E\nexec /bin/x\n' }, {});
  expect(it.emit('E')).toContain('[a main]');
});
