import { describe, expect, test } from 'vitest';
import { Engine, type InstanceExplanation, type JobExplanation, SYSTEM } from '../src/index.js';
import { jobOf } from './helpers/machine.js';
import { maverick, type Scenario, upstart } from './helpers/scenario.js';

const explainJob = (it: Scenario, job: string): JobExplanation => {
  const explained = it.machine.engine.explain({ session: SYSTEM, job }, it.machine.now);
  if (explained?.kind !== 'job') throw new Error(`${job} is not known`);
  return explained;
};

const explainInstance = (it: Scenario, job: string, instance = ''): InstanceExplanation => {
  const explained = it.machine.engine.explain({ session: SYSTEM, job, instance }, it.machine.now);
  if (explained?.kind !== 'instance') throw new Error(`${job} has no such instance`);
  return explained;
};

const sentences = (it: Scenario, job: string): string => explainJob(it, job).sentences.join('\n');

const restored = (it: Scenario): Scenario => {
  it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
  return it;
};

describe('why a job runs', () => {
  const chain = () => {
    const it = maverick({
      net: 'start on disk and net-up\nexec /bin/x',
      web: 'start on started net\nexec /bin/x',
      log: 'while web\nexec /bin/x',
    });
    it.emit('disk', { env: ['DEV=sda'] });
    it.advance(4);
    it.emit('net-up');
    it.advance(2);
    return it;
  };
  const expected = [
    'web is start/running, for 2 s.',
    'Because: event started JOB=net INSTANCE=, 2 s ago.',
    'Behind that: net was to start, 2 s ago.',
    'Behind that: event net-up, 2 s ago (after disk DEV=sda, 6 s ago).',
  ];

  test('is the chain back to the first cause, with times', () => {
    expect(explainInstance(chain(), 'web').sentences).toEqual(expected);
  });

  test('survives a snapshot, though all the events are over', () => {
    const it = restored(chain());
    expect(it.machine.engine.snapshot().events).toEqual([]);
    expect(explainInstance(it, 'web').sentences).toEqual(expected);
  });

  test('goes on through the states that a job follows', () => {
    const { because } = explainInstance(chain(), 'log');
    expect(because.map((reason) => (reason.kind === 'job' ? reason.instance.job : reason.kind))).toEqual([
      'web',
      'event',
      'net',
      'event',
      'input',
    ]);
  });

  test('names the job whose process emitted the event', () => {
    const it = maverick({ a: 'start on go\nexec /bin/x', b: 'start on came\nexec /bin/x' });
    it.emit('go');
    it.emit('came', { by: ['a', 'main'] });
    expect(explainInstance(it, 'b').sentences).toEqual([
      'b is start/running, for 0 ms.',
      'Because: event came, just now, emitted by a process of a.',
      'Behind that: a was to start, just now.',
      'Behind that: event go, just now.',
    ]);
  });

  test('names the job whose process asked for it, and why that one runs', () => {
    const it = maverick({ a: 'start on go\nexec /bin/x', b: 'exec /bin/x' });
    it.emit('go');
    it.start('b', { by: ['a', 'main'] });
    expect(sentences(it, 'b')).toContain(
      'Because: a start was asked for by a process of a, just now.\nBehind that: a was to start',
    );
  });

  test('of a chain that grows for ever its middle is left out', () => {
    const it = maverick({
      a: 'start on go or stopped b\ntask\nexec /bin/x',
      b: 'start on stopped a\ntask\nexec /bin/x',
    });
    it.emit('go');
    for (let round = 0; round < 100; round += 1) it.exit(round % 2 === 0 ? 'a' : 'b', 0);
    const { because } = explainInstance(it, 'a');
    expect(because.length).toBeLessThan(36);
    expect(because.slice(-2)).toMatchObject([{ kind: 'omitted' }, { kind: 'input', what: 'emit' }]);
    const omitted = because.flatMap((reason) => (reason.kind === 'omitted' ? reason.links : []));
    expect(omitted).toHaveLength(1);
    expect(omitted[0]).toBeGreaterThan(100);
    expect(it.machine.engine.snapshot().origins.length).toBeLessThan(120);
  });
});

describe('why a job does not run', () => {
  test('names what its condition lacks, who could bring it, and what has been seen', () => {
    const it = maverick({
      web: 'start on disk and (started db or net-*)\nexec /bin/x',
      db: 'exec /bin/x',
      mgr: 'emits di*\nexec /bin/x',
    });
    it.advance(5);
    const { startOn, idleSince } = explainJob(it, 'web');
    expect(startOn[0]?.missing).toBe('disk and (started db or net-*)');
    expect(it.machine.now - (idleSince ?? 0)).toBe(5000);
    expect(startOn[0]?.operands.map(({ sources }) => sources)).toEqual([
      [{ kind: 'emits', session: '', job: 'mgr', states: [] }],
      [{ kind: 'job-event', job: 'db', states: [] }],
      [],
    ]);
    it.emit('disk');
    it.advance(1);
    expect(explainJob(it, 'web').sentences).toEqual([
      'web does not run, for 6 s.',
      'It has not run.',
      'Its start on still needs: started db or net-*. It has seen disk (1 s ago).',
      'started db could come from db (which does not run).',
      'net-*: no job is known to bring it about.',
    ]);
  });

  test.each([
    ['started JOB!=db', ['web', 'mgr']],
    ['started JOB=m*', ['mgr']],
    ['started JOB=db INSTANCE=$X', ['db']],
    ['stopped web RESULT=failed', ['web']],
    ['started *', ['web', 'db', 'mgr']],
  ])('%s could come from %j', (operand, jobs) => {
    const it = maverick({ web: `start on ${operand}\nexec /bin/x`, db: '', mgr: '' });
    expect(explainJob(it, 'web').startOn[0]?.operands[0]?.sources.map(({ job }) => job)).toEqual(jobs);
  });

  test('says how it ended, and why', () => {
    const it = maverick({ a: 'exec /bin/x' });
    it.start('a');
    it.advance(1);
    it.exit('a', 3);
    it.advance(2);
    expect(explainJob(restored(it), 'a').sentences).toEqual([
      'a does not run, for 2 s.',
      'Its main process failed: it ended with status 3.',
      'Because: the main process of a ended with status 3, 2 s ago.',
      'Behind that: a was to start, 3 s ago.',
      'Behind that: a start was asked for, 3 s ago.',
      'Nothing starts it but a command.',
    ]);
  });

  test('says which state is missing', () => {
    const it = maverick({ s: 'expect stop\nexec /bin/x', t: '', a: 'while s and not t\nexec /bin/x', c: 'while c' });
    it.start('t');
    it.start('s');
    const { while: states } = explainJob(it, 'a');
    expect(states).toMatchObject({ holds: false, cyclic: false });
    expect(sentences(it, 'a')).toContain('Its while does not hold: s is spawned and t is running.');
    expect(sentences(it, 'c')).toContain('Its while never holds, because it depends on itself.');
  });

  test('tells instances apart by what events have named', () => {
    const it = maverick({ a: 'instance $I\nstart on A and B\nexec /bin/x' });
    it.emit('A', { env: ['I=7'] });
    const { startOn } = explainJob(it, 'a');
    expect(startOn.map(({ instance, missing }) => [instance, missing])).toEqual([
      [undefined, 'A and B'],
      ['7', 'B'],
    ]);
  });

  test('of a session looks at the system for what comes from there', () => {
    const it = maverick({ web: 'emits net-*\nexec /bin/x' });
    it.send({ kind: 'open-session', session: 'u', env: [] });
    const definition = jobOf('start on :sys:started web and net-up\nexec /bin/x');
    it.send({ kind: 'define-job', session: 'u', name: 'a', definition });
    const explained = it.machine.engine.explain({ session: 'u', job: 'a' });
    expect(explained?.kind === 'job' && explained.startOn[0]?.operands.map(({ sources }) => sources)).toEqual([
      [{ kind: 'job-event', job: 'web', states: [] }],
      [{ kind: 'emits', session: '', job: 'web', states: [] }],
    ]);
  });
});

describe('what is waited for', () => {
  test('a hook that half a condition holds: by whom, what is missing, since when and how long', () => {
    const it = maverick({ a: 'exec /bin/x', b: 'start on starting a and net\nexec /bin/x' });
    it.start('a');
    it.advance(30);
    const { awaits } = explainInstance(restored(it), 'a');
    const now = it.machine.now;
    expect(awaits).toMatchObject({
      kind: 'hook',
      conditions: [{ job: 'b', missing: 'net', since: now - 30_000, until: now + 60_000 }],
    });
    expect(sentences(it, 'a')).toContain(
      'Its starting event: b has held it for 30 s (let go in 1 min), because its condition still needs: net.',
    );
    expect(explainJob(it, 'b').startOn[0]?.operands[0]?.holds).toMatchObject([
      { name: 'starting', hook: { job: 'a' } },
    ]);
  });

  test("an event that half a condition holds in the original's semantics", () => {
    const it = upstart({ a: 'start on A and B\nexec /bin/x' });
    it.emit('A');
    it.advance(2);
    const explained = it.machine.engine.explain({ event: 1 }, it.machine.now);
    expect(explained?.sentences).toEqual([
      'Event A is being handled, for 2 s.',
      'Because: it was emitted, 2 s ago.',
      'a has held it for 2 s (without a limit), because its condition still needs: B.',
      'Waited for by emit of A.',
    ]);
  });

  test('half of a stop on', () => {
    const it = maverick({ a: 'stop on A and B\nexec /bin/x' });
    it.start('a');
    it.emit('A');
    expect(sentences(it, 'a')).toContain('Its stop on still needs: B. It has seen A (just now).');
  });

  test.each([
    ['its pre-start', 'pre-start exec /bin/x\nexec /bin/x', 'It waits for its pre-start process to end.'],
    ['readiness', 'expect stop\nexec /bin/x', 'It waits for its main process to be ready (expect stop).'],
    [
      'readiness, for so long',
      'start timeout 9\nexpect notify\nexec /bin/x',
      'It waits for its main process to be ready (expect notify), for 9 s more at most.',
    ],
  ])('%s', (_what, text, sentence) => {
    const it = maverick({ a: text });
    it.start('a');
    expect(sentences(it, 'a')).toContain(`${sentence}\nWaited for by start of a.`);
  });

  test('the end of main, and when it is killed', () => {
    const it = maverick({ a: 'exec /bin/x' });
    it.start('a');
    it.stop('a');
    it.advance(1);
    expect(sentences(it, 'a')).toContain('It waits for its main process to end, which gets SIGKILL in 4 s.');
  });

  test('the wait before a respawn', () => {
    const it = maverick({ a: 'respawn\nrespawn backoff 90 200\nexec /bin/x' });
    it.start('a');
    it.exit('a', 1);
    expect(sentences(it, 'a')).toContain('It is respawned in 1 min 30 s.');
  });

  test('an event: the jobs that hold it, and who waits for its end', () => {
    const it = maverick({ a: 'start on go\nexpect stop\nexec /bin/x' });
    it.emit('go');
    const explained = it.machine.engine.explain({ event: 1 }, it.machine.now);
    expect(explained).toMatchObject({
      kind: 'event',
      heldBy: [{ kind: 'job', instance: { job: 'a' } }],
      waiters: [{ kind: 'call', call: 'emit', target: 'go' }],
    });
  });

  test('what is not known has no explanation', () => {
    const { engine } = maverick({ a: '' }).machine;
    expect(engine.explain({ session: SYSTEM, job: 'no' })).toBeUndefined();
    expect(engine.explain({ session: SYSTEM, job: 'a', instance: 'no' })).toBeUndefined();
    expect(engine.explain({ event: 99 })).toBeUndefined();
  });
});
