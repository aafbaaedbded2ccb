import { describe, expect, test } from 'vitest';
import { type InstanceRef, Simulator, SYSTEM, simulate } from '../src/index.js';
import { jobOf } from './helpers/machine.js';

const ref = (job: string): InstanceRef => ({ session: SYSTEM, job, instance: '' });
const emit = (name: string) => ({ kind: 'emit', session: SYSTEM, name, env: [] }) as const;
const stateOf = ({ engine }: Simulator, job: string): string | undefined => engine.instance(SYSTEM, job, '')?.state;

const simulatorOf = (jobs: Readonly<Record<string, string>>, options = {}): Simulator => {
  const simulator = new Simulator(options);
  for (const [name, text] of Object.entries(jobs)) simulator.define(name, jobOf(text));
  return simulator;
};

describe('step by step', () => {
  test('time passes only when it is told to', () => {
    const simulator = simulatorOf(
      { web: 'start on go\npre-start exec /bin/p\nexec /bin/x' },
      { processes: { web: { 'pre-start': { runsForMs: 2000 } } } },
    );
    simulator.send(emit('go'));
    simulator.runUntil(0);
    expect(stateOf(simulator, 'web')).toBe('pre-start');
    simulator.runUntil(1999);
    expect([stateOf(simulator, 'web'), simulator.now]).toEqual(['pre-start', 1999]);
    simulator.runUntil(2000);
    expect(stateOf(simulator, 'web')).toBe('running');
  });

  test('a process can be ended, and what later ones do can be said', () => {
    const simulator = simulatorOf({ web: 'start on go\nrespawn\nexec /bin/x' });
    simulator.send(emit('go'));
    simulator.runUntil(0);
    simulator.willDo('web', 'main', { failsToStart: 'gone' });
    expect(simulator.end(ref('web'), 'main', { kind: 'exited', code: 1 })).toBe(true);
    simulator.runUntil(0);
    expect(stateOf(simulator, 'web')).toBeUndefined();
    expect(simulator.end(ref('web'), 'main', { kind: 'exited', code: 1 })).toBe(false);
  });
});

test('what starts again and again while no time passes is named, and left', () => {
  const jobs = {
    a: jobOf('start on go or stopped b\ntask\nexec /bin/x'),
    b: jobOf('start on stopped a\ntask\nexec /bin/x'),
  };
  const { loop, cameToRest, endedAt, recording } = simulate(jobs, [emit('go')]);
  expect({ loop, cameToRest, endedAt }).toEqual({ loop: ref('a'), cameToRest: false, endedAt: 0 });
  expect(recording.inputs.length).toBeLessThan(1000);
  const slow = simulate(jobs, [emit('go')], { a: { main: { runsForMs: 1000 } } }, { untilMs: 300_000 });
  expect({ loop: slow.loop, endedAt: slow.endedAt }).toEqual({ loop: undefined, endedAt: 300_000 });
});

describe('calls of processes', () => {
  const JOBS = {
    mount: 'start on boot\ntask\nexec /bin/x',
    disk: 'start on mounted\npre-start exec /bin/p\nexec /bin/x',
    login: 'start on stopped mount\nexec /bin/x',
  };
  const CALLS = [
    { kind: 'emit', name: 'mounted', env: ['DEV=sda'], afterMs: 100 },
    { kind: 'start', job: 'extra', afterMs: 20 },
  ] as const;
  const disk = { 'pre-start': { runsForMs: 50 } };
  const timesOf = (simulator: Simulator): (readonly [number, string])[] =>
    simulator.timeline.flatMap(({ at, effect }) =>
      effect.kind === 'state-changed' && effect.to === 'running' ? [[at, effect.instance.job] as const] : [],
    );

  test('one after the other, each when the one before is answered; then its own end', () => {
    const mount = { main: { calls: CALLS, runsForMs: 7 } };
    const simulator = simulatorOf({ ...JOBS, extra: 'exec /bin/x' }, { processes: { mount, disk } });
    simulator.send(emit('boot'));
    simulator.runUntil(1000);
    expect(timesOf(simulator)).toEqual([
      [0, 'mount'],
      [150, 'disk'],
      [170, 'extra'],
      [177, 'login'],
    ]);
    expect(simulator.inputs.find((input) => input.kind === 'emit' && input.name === 'mounted')).toMatchObject({
      env: ['DEV=sda'],
      caller: { instance: ref('mount') },
    });
  });

  test('one that waits for no answer, and one of a job that is not there, hold nobody up', () => {
    const mount = { main: { calls: CALLS.map((call) => ({ ...call, wait: false })), runsForMs: 7 } };
    const simulator = simulatorOf(JOBS, { processes: { mount, disk } });
    simulator.send(emit('boot'));
    simulator.runUntil(1000);
    expect(timesOf(simulator)).toEqual([
      [0, 'mount'],
      [127, 'login'],
      [150, 'disk'],
    ]);
  });

  test('who has ended calls nobody any more', () => {
    const simulator = simulatorOf(JOBS, { processes: { mount: { main: { calls: CALLS } } } });
    simulator.send(emit('boot'));
    simulator.runUntil(50);
    simulator.end(ref('mount'), 'main', { kind: 'exited', code: 0 });
    simulator.runUntil(1000);
    expect(timesOf(simulator)).toEqual([
      [0, 'mount'],
      [50, 'login'],
    ]);
  });
});

describe('from a snapshot', () => {
  const live = simulatorOf({
    db: 'start on boot\nexec /bin/x',
    prepare: 'start on boot\ntask\nexec /bin/x',
    web: 'start on started db and net-up\nexec /bin/x',
    slow: 'start on boot\nkill timeout 7\nexec /bin/x',
  });
  live.willDo('prepare', 'main', { runsForMs: 60_000 });
  live.willDo('slow', 'main', { endsAfterMs: Number.POSITIVE_INFINITY });
  live.schedule(emit('boot'), 1000);
  live.runUntil(5000);
  const snapshot = live.engine.snapshot();

  test('what is remembered counts, and times begin anew', () => {
    const { events, engine, states } = simulate({}, [emit('net-up')], {}, { snapshot, startsAt: 90_000 });
    expect(events[0]).toMatchObject({ name: 'net-up', at: 0, finishedAt: 0 });
    expect(engine.instance(SYSTEM, 'web', '')?.state).toBe('running');
    expect(states.every(({ at }) => at >= 0 && at < 1)).toBe(true);
  });

  test('services that run go on, tasks at work end', () => {
    const after = simulate({}, [], {}, { snapshot });
    expect(after.states.map(({ instance, state }) => `${instance.job} ${state}`)).toEqual([
      'prepare stopping',
      'prepare killed',
      'prepare post-stopping',
      'prepare post-stop',
      'prepare waiting',
    ]);
  });

  test('a process at work does what is said of it', () => {
    const after = simulate({}, [], { db: { main: { runsForMs: 300, exit: 1 } } }, { snapshot });
    expect(after.events.map(({ name, at }) => `${name} ${at}`)).toContain('stopping 300');
  });

  test('timers that are set then fire', () => {
    const stopping = new Simulator({
      snapshot,
      processes: { slow: { main: { endsAfterMs: Number.POSITIVE_INFINITY } } },
    });
    stopping.send({ kind: 'stop', session: SYSTEM, job: 'slow', request: 1, wait: true });
    stopping.runUntil(2000);
    const later = simulate(
      {},
      [],
      { slow: { main: { endsAfterMs: Number.POSITIVE_INFINITY } } },
      { snapshot: stopping.engine.snapshot(), startsAt: 7000 },
    );
    // Told to end at 1000, the last time that the snapshot knows of.
    expect(later.states.find(({ state }) => state === 'waiting')).toMatchObject({ at: 1000, instance: ref('slow') });
  });
});
