import { describe, expect, test } from 'vitest';
import { Engine, type Input, type Semantics, SYSTEM } from '../src/index.js';
import { jobOf } from './helpers/machine.js';
import { Scenario } from './helpers/scenario.js';

const USER = 'user';

/** A machine with a session besides the system's. */
const play = (
  system: Readonly<Record<string, string>>,
  user: Readonly<Record<string, string>>,
  semantics?: Semantics,
) => {
  const it = new Scenario(system, semantics ?? 'maverick');
  it.send({ kind: 'open-session', session: USER, env: ['HOME=/u'] });
  for (const [name, text] of Object.entries(user)) {
    it.send({ kind: 'define-job', session: USER, name, definition: jobOf(text) });
  }
  const instance = (job: string) => it.machine.engine.instance(USER, job, '');
  const emitThere = (name: string) => it.send({ kind: 'emit', session: USER, name, env: [], request: 70, wait: true });
  const startThere = (job: string) => it.send({ kind: 'start', session: USER, job, request: 71, wait: true });
  const stopThere = (job: string) => it.send({ kind: 'stop', session: USER, job, request: 72, wait: true });
  return { it, instance, emitThere, startThere, stopThere };
};

describe('a session', () => {
  test('has its own jobs, events and environment', () => {
    const { it, instance, emitThere } = play({ a: 'start on E\nexec /bin/x' }, { a: 'start on E\nexec /bin/y' });
    expect(emitThere('E')).toContain('70.ok');
    expect(instance('a')?.env).toEqual(['HOME=/u', 'UPSTART_EVENTS=E']);
    expect(it.status()).toBe('');
  });

  test('does not see the jobs of the system', () => {
    const { startThere } = play({ a: 'exec /bin/x' }, {});
    expect(startThere('a')).toBe('71.UnknownJob');
  });

  test("follows the system's events, but does not hold them up", () => {
    const { it, instance } = play(
      {},
      { a: 'start on E\npre-start exec /bin/x\nexec /bin/x', b: 'stop on E\nexec /bin/x' },
    );
    it.send({ kind: 'start', session: USER, job: 'b', request: 71, wait: true });
    expect(it.emit('E')).toContain('-E 1.ok');
    expect([instance('a')?.state, instance('b')?.goal]).toEqual(['pre-start', 'stop']);
  });

  test("gets none of the descriptors of the system's events, at once or remembered", () => {
    const { it } = play(
      { own: 'start on E\nexec /bin/x' },
      { a: 'start on E\nexec /bin/x', b: 'start on E and F\nexec /bin/x' },
    );
    const spawns = (name: string, fds: readonly number[]) =>
      it.machine.engine
        .dispatch({ kind: 'emit', at: 0, session: SYSTEM, name, env: [], fds })
        .flatMap((effect) =>
          effect.kind === 'spawn'
            ? [[effect.instance.job, effect.fds, effect.env.some((entry) => /_FDS?=/.test(entry))]]
            : [],
        );
    expect(spawns('E', [9])).toEqual([
      ['own', [9], true],
      ['a', [], false],
    ]);
    expect(spawns('F', [])).toEqual([['b', [], false]]);
  });

  test('lets no event of the system fail, whatever is refused there', () => {
    const { it } = play({}, {});
    it.send({ kind: 'open-session', session: 'small', env: [], limits: { instances: 0, events: 9 } });
    it.send({ kind: 'define-job', session: 'small', name: 'a', definition: jobOf('start on E\nexec /bin/x') });
    expect(it.emit('E')).toBe('+E =E -E 1.ok');
  });

  test('a job of the system starts nothing there by its own events, and is not held', () => {
    const { it, instance } = play({ a: 'exec /bin/x' }, { b: 'start on starting a\npre-start exec /bin/x' });
    expect(it.start('a')).toContain('1.ok');
    expect(instance('b')).toBeUndefined();
  });

  test("in the original's semantics it is, and it holds the event", () => {
    const { it, instance } = play(
      { a: 'exec /bin/x' },
      { b: 'start on starting a\nexpect stop\nexec /bin/x' },
      'upstart',
    );
    expect(it.start('a')).not.toContain('1.ok');
    expect([it.status(), instance('b')?.state]).toEqual(['a=start/starting', 'spawned']);
  });

  test("the original's semantics keep the session's own events inside, too", () => {
    const { it, emitThere } = play({ a: 'start on E\nexec /bin/x' }, {}, 'upstart');
    expect(emitThere('E')).toContain('70.ok');
    expect(it.status()).toBe('');
  });
});

describe('events of the system as :sys:NAME', () => {
  test('tell of its jobs, and of all else, where a job asks for them', () => {
    const { it, instance } = play(
      { web: 'exec /bin/x', db: 'exec /bin/x' },
      { a: 'start on :sys:started JOB=web\nexec /bin/x', b: 'start on :sys:runlevel 3\nexec /bin/x' },
    );
    expect(it.start('db')).not.toContain(':sys:');
    expect(it.start('web')).toContain('-started +:sys:started');
    expect(instance('a')?.env).toEqual(expect.arrayContaining(['JOB=web', 'UPSTART_EVENTS=:sys:started']));
    it.emit('runlevel', { env: ['RUNLEVEL=3'] });
    expect(instance('b')?.state).toBe('running');
  });

  test('come when the event is over, and hold up nobody', () => {
    const { it, instance } = play(
      { web: 'exec /bin/x' },
      { a: 'start on :sys:starting web\npre-start exec /bin/x\nexec /bin/x' },
    );
    expect(it.start('web')).toMatch(/-starting .*\+:sys:starting .*1\.ok/);
    expect([it.status(), instance('a')?.state]).toEqual(['web=start/running', 'pre-start']);
  });

  test('stay in the sessions: the system has none of its own', () => {
    const { it } = play({ a: 'start on :sys:E\nexec /bin/x' }, {});
    expect(it.emit('E')).toBe('+E =E -E 1.ok');
  });

  test('of another session are none', () => {
    const { it, instance, emitThere } = play({}, { a: 'start on :sys:E\nexec /bin/x' });
    expect(emitThere('E')).toBe('+E =E -E 70.ok');
    expect(instance('a')).toBeUndefined();
    expect(it.emit('E')).toContain('+:sys:E');
  });

  test('have the origin of the event that they tell of', () => {
    const { it } = play({ web: 'exec /bin/x' }, { a: 'start on :sys:started web\nexec /bin/x' });
    it.start('web');
    const explained = it.machine.engine.explain({ session: USER, job: 'a', instance: '' });
    expect(explained?.kind === 'instance' && explained.because.map(({ kind }) => kind)).toEqual([
      'event',
      'event',
      'job',
      'input',
    ]);
  });
});

test('a job of another session takes nothing from the environment of the program around the engine', () => {
  const engine = new Engine({ semantics: 'maverick', env: ['TABLE=1'], initEnv: ['SECRET=1', 'TABLE=2'] });
  const definition = jobOf('env SECRET\nenv TABLE\nexec /bin/x');
  for (const session of [SYSTEM, USER]) {
    engine.dispatch({ kind: 'define-job', at: 0, session, name: 'a', definition });
    engine.dispatch({ kind: 'start', at: 0, session, job: 'a', request: 1, wait: false });
  }
  expect(engine.instance(SYSTEM, 'a', '')?.env).toEqual(['TABLE=2', 'SECRET=1']);
  expect(engine.instance(USER, 'a', '')?.env).toEqual(['TABLE=1']);
});

describe('a session with limits', () => {
  const limited = (text: string) => {
    const it = new Scenario({ other: 'instance $N\nstart on tick\nexec /bin/x' }, 'maverick');
    it.send({ kind: 'open-session', session: USER, env: [], limits: { instances: 2, events: 3 } });
    it.send({ kind: 'define-job', session: USER, name: 'a', definition: jobOf(text) });
    const send = (input: object) => it.send({ session: USER, request: 70, ...input } as Input);
    const names = () => it.machine.engine.job(USER, 'a')?.instances.map(({ ref }) => ref.instance);
    return { it, send, names };
  };

  test('starts no more instances than that, by command or event; others do', () => {
    const { it, send, names } = limited('instance $N\nstart on tick\nexec /bin/x');
    for (const n of ['1', '2'])
      expect(send({ kind: 'start', job: 'a', env: [`N=${n}`], wait: false })).toContain('70.ok');
    expect(send({ kind: 'start', job: 'a', env: ['N=3'], wait: false })).toBe('70.LimitsExceeded');
    expect(send({ kind: 'start', job: 'a', env: ['N=2'], wait: false })).toContain('70.');
    const effects = it.machine.engine.dispatch({ kind: 'emit', at: 0, session: USER, name: 'tick', env: ['N=4'] });
    expect(effects.map(({ kind }) => kind)).toContain('instance-refused');
    for (const n of ['5', '6', '7']) it.emit('tick', { env: [`N=${n}`] });
    expect(names()).toEqual(['1', '2']);
    expect(it.machine.engine.job(SYSTEM, 'other')?.instances).toHaveLength(3);
  });

  test('holds no more unfinished events than that, and takes more when they are over, also after a restore', () => {
    const { it, send } = limited('instance $N\nstart on E\nexec /bin/x');
    send({ kind: 'define-job', name: 'slow', definition: jobOf('start on E\npre-start exec /bin/x\nexec /bin/x') });
    const emit = () => send({ kind: 'emit', name: 'E', env: ['N=1'], wait: false });
    for (const _ of [1, 2, 3]) expect(emit()).toContain('70.ok');
    it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
    expect(emit()).toBe('70.LimitsExceeded');
    expect(it.emit('E')).toContain('1.ok');
    const [preStart] = it.machine.engine.instance(USER, 'slow', '')?.processes ?? [];
    it.send({ kind: 'process-exited', process: preStart?.process ?? 0, status: { kind: 'exited', code: 0 } });
    expect(emit()).toContain('70.ok');
  });

  test.each([
    { what: 'an event', input: { kind: 'emit', name: 'E', wait: false } },
    { what: 'a command', input: { kind: 'start', job: 'a', wait: false } },
  ] as const)('takes no larger environment with $what', ({ input }) => {
    const it = new Scenario({ a: 'start on E\nexec /bin/x' }, 'maverick');
    it.send({
      kind: 'open-session',
      session: USER,
      env: [],
      limits: { instances: 9, events: 9, environmentBytes: 12 },
    });
    it.send({ kind: 'define-job', session: USER, name: 'a', definition: jobOf('exec /bin/x') });
    const send = (...env: string[]) => it.send({ session: USER, request: 70, env, ...input });
    // 12 bytes: with an event its name counts, too, and each has a byte at its end.
    const room = 'x'.repeat(input.kind === 'emit' ? 8 : 10);
    expect(send(`A=${room}`)).toBe('70.LimitsExceeded');
    expect(send('A=é'.padEnd(room.length + 1, 'x'))).toBe('70.LimitsExceeded');
    expect(send(`A=${room.slice(1)}`)).toContain('70.ok');
    // The system's may be as large as it likes.
    expect(it.emit('E', { env: [`A=${'x'.repeat(1000)}`] })).toContain('1.ok');
  });

  test('lets no environment grow beyond it, its own or an instance’s, and lets what is too large become smaller', () => {
    const limits = { instances: 9, events: 9, environmentBytes: 12 };
    const it = new Scenario({}, 'maverick');
    it.send({ kind: 'open-session', session: USER, env: [], limits });
    it.send({
      kind: 'define-job',
      session: USER,
      name: 'a',
      definition: jobOf(`env LONG=${'x'.repeat(20)}\nexec /bin/x`),
    });
    it.send({ kind: 'start', session: USER, job: 'a', request: 70, wait: false });
    const set = (...variables: string[]) =>
      it.send({ kind: 'set-env', session: USER, variables, retain: false, request: 70 });
    const target = { job: 'a', instance: '' };
    expect(set('A=12345')).toBe('70.ok');
    expect(set('B=12345')).toBe('70.LimitsExceeded');
    expect(set('A=123')).toBe('70.ok');
    expect(it.machine.engine.environment(USER)).toEqual(['A=123']);
    const ofInstance = (variable: string) =>
      it.send({ kind: 'set-env', session: USER, variables: [variable], retain: false, request: 70, target });
    expect(ofInstance('B=1')).toBe('70.LimitsExceeded');
    expect(ofInstance('LONG=1')).toBe('70.ok');
    expect(ofInstance('B=1234567890')).toBe('70.LimitsExceeded');
  });

  test('has so many respawns at once, then each waits for its turn; a job of the system does not', () => {
    const engine = new Engine({ semantics: 'maverick' });
    const limits = { instances: 9, events: 9, respawns: { burst: 3, perSecond: 10 } };
    engine.dispatch({ kind: 'open-session', at: 0, session: USER, env: [], limits });
    const definition = jobOf('respawn\nrespawn limit unlimited\nexec /bin/x');
    const job = { job: 'a', env: [], wait: false, request: 70 };
    for (const session of [SYSTEM, USER]) {
      engine.dispatch({ kind: 'define-job', at: 0, session, name: 'a', definition });
      engine.dispatch({ kind: 'start', at: 0, session, ...job });
    }
    const waits = (session: string, at: number): number => {
      const [main] = engine.instance(session, 'a', '')?.processes ?? [];
      const effects = [
        ...engine.dispatch({ kind: 'process-started', at, process: main?.process ?? 0, pid: 7 }),
        ...engine.dispatch({
          kind: 'process-exited',
          at,
          process: main?.process ?? 0,
          status: { kind: 'exited', code: 1 },
        }),
      ];
      for (const effect of effects) {
        if (effect.kind === 'set-timer')
          engine.dispatch({ kind: 'timer-fired', at: effect.dueAt, timer: effect.timer });
      }
      return effects.reduce((wait, effect) => (effect.kind === 'respawn-delayed' ? effect.dueAt - at : wait), 0);
    };
    expect([0, 0, 0, 0].map((at) => waits(USER, at))).toEqual([0, 0, 0, 100]);
    expect([100, 250].map((at) => waits(USER, at))).toEqual([100, 50]);
    expect([250, 250, 250, 250].map((at) => waits(SYSTEM, at))).toEqual([0, 0, 0, 0]);
    // Whoever was quiet has as many at once as at first.
    expect([9000, 9000, 9000, 9000].map((at) => waits(USER, at))).toEqual([0, 0, 0, 100]);
  });

  test('closes the descriptors of an event that it refuses', () => {
    const { it, send } = limited('start on E\npre-start exec /bin/x\nexec /bin/x');
    for (const _ of [1, 2, 3]) send({ kind: 'emit', name: 'E', env: [], wait: false });
    const refused = it.machine.engine.dispatch({ kind: 'emit', at: 0, session: USER, name: 'E', env: [], fds: [9] });
    expect(refused).toEqual([expect.objectContaining({ kind: 'close-fd', fd: 9 })]);
  });
});

describe('a session that is closed', () => {
  test('stops its jobs and is gone with the last of them', () => {
    const { it, instance, startThere } = play({ s: 'exec /bin/x' }, { a: 'exec /bin/x', b: 'exec /bin/x' });
    it.start('s');
    startThere('a');
    expect(it.send({ kind: 'close-session', session: USER })).toContain('a!stop');
    expect(startThere('b')).toBe('71.UnknownJob');
    expect(instance('a')?.state).toBe('killed');
    it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
    it.exit('a', 'TERM');
    expect(it.machine.engine.snapshot().sessions.map(({ id }) => id)).toEqual([SYSTEM]);
    expect(it.machine.engine.environment(USER)).toEqual([]);
    expect(it.status()).toBe('s=start/running');
  });

  test('and opened again before that goes on with new jobs', () => {
    const { it, startThere } = play({}, { a: 'exec /bin/x' });
    startThere('a');
    it.send({ kind: 'close-session', session: USER });
    it.send({ kind: 'open-session', session: USER, env: [] });
    it.exit('a', 'TERM');
    expect(it.machine.engine.snapshot().sessions.map(({ id }) => id)).toEqual([SYSTEM, USER]);
    it.send({ kind: 'define-job', session: USER, name: 'a', definition: jobOf('exec /bin/x') });
    expect(startThere('a')).toContain('71.ok');
  });

  test("the system's can't be", () => {
    const { it } = play({ a: 'exec /bin/x' }, {});
    expect(it.send({ kind: 'close-session', session: SYSTEM })).toBe('');
    expect(it.start('a')).toContain('1.ok');
  });

  test('without jobs is gone at once', () => {
    const { it } = play({}, {});
    it.send({ kind: 'close-session', session: USER });
    expect(it.machine.engine.sessions()).toEqual([{ session: SYSTEM, closing: false }]);
  });

  test('does not come back by what is still asked or told of it', () => {
    const { it, emitThere } = play({}, { a: 'exec /bin/x' });
    it.send({ kind: 'close-session', session: USER });
    emitThere('E');
    it.send({ kind: 'reset-env', session: USER, request: 73 });
    it.machine.engine.explain({ session: USER, job: 'a' });
    expect(it.machine.engine.sessions()).toEqual([{ session: SYSTEM, closing: false }]);
  });

  test('tells of its beginning and its end, once each', () => {
    const { it, startThere } = play({}, {});
    const kinds = (session: string, kind: 'open-session' | 'close-session') =>
      it.machine.engine
        .dispatch({ kind, session, at: 0, ...(kind === 'open-session' ? { env: [] } : {}) } as Input)
        .flatMap((effect) => ('session' in effect ? [[effect.kind, effect.session]] : []));
    expect(kinds('v', 'open-session')).toEqual([['session-opened', 'v']]);
    expect(kinds('v', 'open-session')).toEqual([]);
    it.send({ kind: 'define-job', session: USER, name: 'a', definition: jobOf('exec /bin/x') });
    startThere('a');
    expect(kinds(USER, 'close-session')).not.toContainEqual(['session-closed', USER]);
    expect(it.machine.engine.sessions()).toContainEqual({ session: USER, closing: true });
    expect(kinds('v', 'close-session')).toEqual([['session-closed', 'v']]);
  });
});
