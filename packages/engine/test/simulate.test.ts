import { describe, expect, test } from 'vitest';
import {
  type FakeProcesses,
  replay,
  type SimulatedInput,
  type SimulateOptions,
  SYSTEM,
  simulate,
} from '../src/index.js';
import { jobOf } from './helpers/machine.js';

const play = (
  jobs: Readonly<Record<string, string>>,
  inputs: readonly SimulatedInput[],
  processes?: FakeProcesses,
  options?: SimulateOptions,
) =>
  simulate(
    Object.fromEntries(Object.entries(jobs).map(([name, text]) => [name, jobOf(text)])),
    inputs,
    processes,
    options,
  );

const emit = (name: string, at = 0): SimulatedInput => ({ kind: 'emit', session: SYSTEM, name, env: [], at });
const start = (job: string, at = 0): SimulatedInput => ({
  kind: 'start',
  session: SYSTEM,
  job,
  request: 1,
  wait: true,
  at,
});
const stop = (job: string, at: number): SimulatedInput => ({
  kind: 'stop',
  session: SYSTEM,
  job,
  request: 2,
  wait: true,
  at,
});

type Played = ReturnType<typeof play>;
const when = ({ states }: Played, job: string, state: string) =>
  states.filter((entry) => entry.instance.job === job && entry.state === state).map(({ at }) => at);

describe('simulate', () => {
  test('plays a boot: a chain of jobs, each at its time', () => {
    const boot = play(
      {
        disks: 'start on startup\ntask\nexec /bin/x',
        db: 'start on stopped disks RESULT=ok\nexpect notify\nexec /bin/x',
        web: 'start on started db\nexec /bin/x',
      },
      [emit('startup')],
      { disks: { main: { runsForMs: 1500 } }, db: { main: { readyAfterMs: 700 } } },
    );
    expect([when(boot, 'disks', 'waiting'), when(boot, 'db', 'running'), when(boot, 'web', 'running')]).toEqual([
      [1500],
      [2200],
      [2200],
    ]);
    expect(boot).toMatchObject({ cameToRest: true, endedAt: 2200 });
    expect(boot.engine.instance(SYSTEM, 'web', '')?.goal).toBe('start');
    expect(boot.events.find(({ name }) => name === 'startup')).toMatchObject({
      at: 0,
      finishedAt: 1500,
      failed: false,
    });
  });

  test('a process that does not start fails the job and the event', () => {
    const boot = play({ a: 'start on go\nexec /bin/x' }, [emit('go')], {
      a: { main: { failsToStart: 'no such file' } },
    });
    expect(boot.events.map(({ name, failed }) => `${name} ${failed}`)).toContain('go true');
    expect(boot.events.map(({ name }) => name)).toContain('go/failed');
  });

  test('a process that ignores the kill signal is killed after the kill timeout', () => {
    const boot = play({ a: 'kill timeout 3\nexec /bin/x' }, [start('a'), stop('a', 1000)], {
      a: { main: { endsAfterMs: Number.POSITIVE_INFINITY } },
    });
    expect(boot.replies.get(2)).toEqual({
      at: 4000,
      reply: { ok: true, instance: { session: '', job: 'a', instance: '' } },
    });
  });

  test('one fake after the other: it fails twice, then it stays', () => {
    const boot = play({ a: 'respawn\nexec /bin/x' }, [start('a')], {
      a: { main: [{ runsForMs: 10, exit: 1 }, { runsForMs: 20, exit: { kind: 'signalled', signal: 11 } }, {}] },
    });
    expect(when(boot, 'a', 'running')).toEqual([0, 10, 30]);
    expect(boot.cameToRest).toBe(true);
  });

  test('a job that goes on for ever is cut off at the given time, or number of inputs', () => {
    const jobs = { a: 'respawn\nrespawn limit unlimited\nexec /bin/x' };
    const fakes = { a: { main: { runsForMs: 1000, exit: 1 } } };
    expect(play(jobs, [start('a')], fakes, { untilMs: 5500 })).toMatchObject({ cameToRest: false, endedAt: 5000 });
    expect(play(jobs, [start('a')], fakes, { mostInputs: 10 }).recording.inputs).toHaveLength(10);
  });

  test.each(['stop', 'fork', 'daemon', 'notify', 'fd 3'])(
    'a process with expect %s is ready when the fake says so',
    (expectation) => {
      const boot = play({ a: `expect ${expectation}\nexec /bin/x` }, [start('a')], {
        a: { main: { readyAfterMs: 40 } },
      });
      expect(boot.replies.get(1)?.at).toBe(40);
    },
  );

  test("knows the original's semantics", () => {
    const jobs = { a: 'start on x and y\nexec /bin/x' };
    const finished = (boot: Played) =>
      boot.events.filter(({ name }) => name === 'x').map(({ finishedAt }) => finishedAt);
    expect(finished(play(jobs, [emit('x')], {}, { semantics: 'upstart' }))).toEqual([undefined]);
    expect(finished(play(jobs, [emit('x')]))).toEqual([0]);
  });
});

describe('replay', () => {
  const boot = play(
    { a: 'start on go\nrespawn\nexec /bin/x', b: 'while a\npre-start exec /bin/x\nexec /bin/x' },
    [emit('go'), stop('a', 5000)],
    { a: { main: [{ runsForMs: 100, exit: 3 }, {}] }, b: { 'pre-start': { runsForMs: 30 } } },
    { env: ['A=1'] },
  );
  const recording: typeof boot.recording = JSON.parse(JSON.stringify(boot.recording));

  test('of recorded inputs has the same effects, and ends in the same state', () => {
    const { engine, steps } = replay(recording);
    expect(steps.flatMap(({ effects }) => effects)).toEqual(boot.timeline.map(({ effect }) => effect));
    expect(engine.snapshot()).toEqual(boot.engine.snapshot());
  });

  test.each(recording.inputs.map((_input, index) => index))(
    'from a snapshot before input %i on has the same effects',
    (at) => {
      const before = replay({ ...recording, inputs: recording.inputs.slice(0, at) });
      const snapshot = JSON.parse(JSON.stringify(before.engine.snapshot()));
      const after = replay({ snapshot, inputs: recording.inputs.slice(at) });
      const effects = [...before.steps, ...after.steps].flatMap((step) => step.effects);
      expect(effects).toEqual(boot.timeline.map(({ effect }) => effect));
      expect(after.engine.snapshot()).toEqual(boot.engine.snapshot());
    },
  );
});
