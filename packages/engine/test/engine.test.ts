import { describe, expect, test } from 'vitest';
import { Engine, SnapshotError, SYSTEM } from '../src/index.js';
import { jobOf } from './helpers/machine.js';
import { maverick, Scenario } from './helpers/scenario.js';

describe('the end of a session init', () => {
  test('stops everything and exits when nothing is left', () => {
    const it = maverick({ a: 'respawn\nexec /bin/x' });
    it.start('a');
    expect(it.quiesce('shutdown')).toContain('+session-end a!stop');
    expect(it.quiesce('logout')).toBe('');
    expect(it.exit('a', 'TERM')).toContain('=stopped #exit -stopped');
    expect(it.advance(10)).toBe('');
  });

  test('a logout waits for the jobs that ask for it, but not for ever', () => {
    const it = maverick({ a: 'task\nstart on session-end\nexec /bin/x' });
    it.quiesce('logout');
    expect(it.status()).toBe('a=start/running');
    expect(it.advance(4)).toBe('');
    expect(it.advance(1)).toContain('a!stop');
    expect(it.advance(4)).toBe('');
    expect(it.advance(1)).toContain('KILL(a main)');
    expect(it.advance(1)).toBe('#exit');
  });

  test.each(['maverick', 'upstart'] as const)('what does not stop in time is left alone, semantics %s', (semantics) => {
    const it = new Scenario({ a: 'kill timeout 7\nexec /bin/x' }, semantics);
    it.start('a');
    it.quiesce('shutdown');
    expect(it.advance(7)).toContain('KILL(a main)');
    expect(it.advance(1)).toBe('#exit');
  });

  test('has as long as the longest chain of states (S13)', () => {
    const it = maverick({ a: 'kill timeout 4\nexec /bin/x', b: 'kill timeout 6\nwhile a\nexec /bin/x' });
    it.start('a');
    it.quiesce('shutdown');
    expect(it.advance(10)).not.toContain('#exit');
    expect(it.advance(1)).toContain('#exit');
  });
});

describe('the environment table', () => {
  const play = (semantics: 'maverick' | 'upstart' = 'maverick') =>
    new Scenario({ a: 'env F=1\nexec /bin/x' }, semantics);
  const set = (it: Scenario, variables: string[], retain = false) =>
    it.send({ kind: 'set-env', session: SYSTEM, variables, retain, request: 99 });

  test('reaches instances that run, and new ones', () => {
    const it = play();
    it.start('a');
    set(it, ['N=1', 'BARE']);
    const { engine } = it.machine;
    expect(engine.instance(SYSTEM, 'a', '')?.env).toEqual(expect.arrayContaining(['N=1', 'BARE=']));
    expect(engine.environment(SYSTEM)).toEqual(['PATH=/bin', 'N=1', 'BARE=']);
  });

  test('keeps a value that is to be retained', () => {
    const it = play();
    set(it, ['N=1']);
    set(it, ['N=2', 'M=2'], true);
    expect(it.machine.engine.environment(SYSTEM)).toEqual(['PATH=/bin', 'N=1', 'M=2']);
  });

  test.each([
    ['maverick', ['PATH=/bin', 'BAR=1']],
    ['upstart', ['PATH=/bin']],
  ] as const)('unset-env takes a name away, semantics %s (Q7)', (semantics, left) => {
    const it = play(semantics);
    set(it, ['BARXY=2']);
    it.send({ kind: 'unset-env', session: SYSTEM, names: ['BARXY'], request: 98 });
    set(it, ['BAR=1']);
    it.send({ kind: 'unset-env', session: SYSTEM, names: ['BARXY'], request: 97 });
    expect(it.machine.engine.environment(SYSTEM)).toEqual(left);
  });

  test('goes back to what it was', () => {
    const it = play();
    set(it, ['N=1', 'PATH=/']);
    it.send({ kind: 'reset-env', session: SYSTEM, request: 98 });
    expect(it.machine.engine.environment(SYSTEM)).toEqual(['PATH=/bin']);
  });

  test('of one instance is its own', () => {
    const it = play();
    it.start('a');
    const target = { job: 'a', instance: '' };
    it.send({ kind: 'set-env', session: SYSTEM, variables: ['N=1'], retain: false, request: 98, target });
    const env = () => it.machine.engine.instance(SYSTEM, 'a', '')?.env;
    expect(env()).toEqual(['PATH=/bin', 'F=1', 'N=1']);
    it.send({ kind: 'reset-env', session: SYSTEM, request: 97, target });
    expect(env()).toEqual(['PATH=/bin', 'F=1']);
  });

  test.each([
    [{ job: 'no', instance: '' }, '98.UnknownJob'],
    [{ job: 'a', instance: 'no' }, '98.UnknownJobInstance'],
  ])('of %o: %s', (target, answer) => {
    const it = play();
    expect(it.send({ kind: 'reset-env', session: SYSTEM, request: 98, target })).toBe(answer);
  });
});

describe('what an engine shows', () => {
  test('jobs in the order of definition, instances and processes', () => {
    const it = maverick({ b: 'exec /bin/x', a: 'instance $I\nexec /bin/x' });
    it.start('a', { env: ['I=2'] });
    const { engine } = it.machine;
    expect(engine.jobs(SYSTEM).map(({ name }) => name)).toEqual(['b', 'a']);
    expect(engine.job(SYSTEM, 'a')?.instances[0]).toMatchObject({
      ref: { session: SYSTEM, job: 'a', instance: '2' },
      goal: 'start',
      state: 'running',
      processes: [{ role: 'main', process: 1, pid: 100 }],
    });
    expect(engine.job(SYSTEM, 'no')).toBeUndefined();
    expect(engine.jobs('no such session')).toEqual([]);
  });

  test('the timers that are set', () => {
    const it = maverick({ a: 'kill timeout 3\nexec /bin/x' });
    it.start('a');
    it.stop('a');
    expect(it.machine.engine.timers()).toEqual([{ timer: 1, dueAt: it.machine.now + 3000 }]);
  });

  test('the cause of an effect: the input, the event, the instance', () => {
    const engine = new Engine();
    engine.dispatch({
      kind: 'define-job',
      at: 0,
      session: SYSTEM,
      name: 'a',
      definition: jobOf('start on A\nexec /bin/x'),
    });
    const effects = engine.dispatch({ kind: 'emit', at: 0, session: SYSTEM, name: 'A', env: [] });
    const ref = { session: SYSTEM, job: 'a', instance: '' };
    expect(effects.find(({ kind }) => kind === 'goal-changed')?.cause).toEqual({ input: 2, event: 1, instance: ref });
    expect(effects.find(({ kind }) => kind === 'spawn')?.cause).toEqual({ input: 2, event: 2, instance: ref });
  });
});

describe('a snapshot', () => {
  test('that is of another version is refused by name', () => {
    const snapshot = { ...new Engine().snapshot(), version: 2 } as never;
    expect(() => Engine.restore(snapshot)).toThrow(
      expect.objectContaining({ code: 'unsupported-version', message: expect.stringContaining('version 2') }),
    );
  });

  test.each([
    ['damaged', { ...new Engine().snapshot(), sessions: undefined }],
    ['of unknown semantics', { ...new Engine().snapshot(), semantics: 'toString' }],
    ['nothing', null],
  ])('that is %s is refused', (_, snapshot) => {
    expect(() => Engine.restore(snapshot as never)).toThrow(SnapshotError);
  });

  test.each([
    ['start on', Array(20_000).fill('e').join(' and ')],
    ['stop on', `${'(e or '.repeat(20_000)}f${')'.repeat(20_000)}`],
    ['while', Array(20_000).fill('not e').join(' or ')],
  ])('of a %s of 20,000 terms is restored', (stanza, expression) => {
    const it = maverick({ a: `${stanza} ${expression}\nexec /bin/x` });
    it.start('a');
    const snapshot = it.machine.engine.snapshot();
    expect(Engine.restore(JSON.parse(JSON.stringify(snapshot))).snapshot()).toEqual(snapshot);
    expect(it.machine.engine.explain({ session: SYSTEM, job: 'a' })?.sentences).not.toEqual([]);
  });

  const restored = (it: Scenario) => {
    it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
    return it;
  };

  test('keeps the episodes of while: what was stopped by hand stays down', () => {
    const it = maverick({ net: '', d: 'while net\nexec /bin/x' });
    it.start('net');
    it.stop('d');
    it.exit('d', 'TERM');
    expect(restored(it).define('d', 'while net\nenv X=1\nexec /bin/x')).toBe('');
    expect(it.status()).toBe('net=start/running');
  });

  test('keeps who waits: a deadlock is still seen, an answer still comes', () => {
    const it = maverick({ a: 'pre-start exec /bin/x', b: 'pre-start exec /bin/x' });
    it.start('a');
    it.start('b', { by: ['a', 'pre-start'] });
    expect(restored(it).start('a', { by: ['b', 'pre-start'] })).toBe('#deadlock 3.Deadlock');
    expect(restored(it).exit('b', 0, 'pre-start')).toContain('2.ok');
  });

  test('keeps semantics, and does not change with the engine', () => {
    const it = new Scenario({ a: 'start on A and B\nexec /bin/x' }, 'upstart');
    it.emit('A');
    const snapshot = it.machine.engine.snapshot();
    const text = JSON.stringify(snapshot);
    it.emit('B');
    expect(JSON.stringify(snapshot)).toBe(text);
    const effects = Engine.restore(snapshot).dispatch({ kind: 'emit', at: 1, session: SYSTEM, name: 'B', env: [] });
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'goal-changed', to: 'start' }));
  });
});

test('a closed session stops its jobs and forgets them', () => {
  const it = maverick({});
  it.send({ kind: 'open-session', session: 'u', env: ['HOME=/u'] });
  it.send({ kind: 'define-job', session: 'u', name: 'a', definition: jobOf('exec /bin/x') });
  it.send({ kind: 'start', session: 'u', job: 'a', env: [], wait: false, request: 98 });
  expect(it.env('a')).toContain('HOME=/u');
  expect(it.send({ kind: 'close-session', session: 'u' })).toContain('a!stop');
  it.exit('a', 'TERM');
  expect(it.machine.engine.jobs('u')).toEqual([]);
  expect(it.machine.engine.environment('u')).toEqual([]);
});
