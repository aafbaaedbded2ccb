import { describe, expect, test } from 'vitest';
import type { Effect } from '../src/index.js';
import { maverick, upstart } from './helpers/scenario.js';

describe('who asks for a start', () => {
  test('joins one that is in progress (W1)', () => {
    const it = maverick({ a: 'expect stop\nexec /bin/x' });
    it.start('a');
    expect(it.start('a')).toBe('');
    expect(it.start('a', { wait: false })).toBe('3.ok');
    expect(it.ready('a')).toContain('1.ok 2.ok');
    expect(it.start('a')).toBe('4.AlreadyStarted');
  });

  test("is told AlreadyStarted by the original's semantics", () => {
    const it = upstart({ a: 'expect stop\nexec /bin/x' });
    it.start('a');
    expect(it.start('a')).toBe('2.AlreadyStarted');
  });

  test('must not bring an environment that would not be used (W3)', () => {
    const it = maverick({ a: 'expect stop\nexec /bin/x' });
    it.start('a', { env: ['PORT=80'] });
    expect(it.start('a', { env: ['PORT=81'] })).toBe('2.AlreadyStarted');
    expect(it.start('a', { env: ['PORT=80'] })).toBe('');
  });

  test('fails with it, or when it is overtaken by a stop (W4)', () => {
    const it = maverick({ a: 'start on A\nexpect stop\nexec /bin/x' });
    it.emit('A');
    it.start('a');
    expect(it.stop('a')).toContain('2.JobFailed a!stop a:stopping +stopping -A! 1.EventFailed +A/failed');
  });

  test('fails when the run ends before it was up, though nothing has failed', () => {
    const it = maverick({ a: 'expect stop\nexec /bin/x' });
    it.start('a');
    expect(it.exit('a', 0)).toContain('1.JobFailed a!stop');
  });

  test('of a job that goes down waits for its next run (W6)', () => {
    const it = maverick({ a: 'exec /bin/x' });
    it.start('a');
    it.stop('a');
    expect(it.start('a', { env: ['V=2'] })).toBe('a!start');
    expect(it.exit('a', 'TERM')).toMatch(/^a:post-stop 2.ok a:starting .* 3.ok/);
    expect(it.env('a')).toContain('V=2');
  });

  test('in pre-stop takes the stop back', () => {
    const it = maverick({ a: 'pre-stop exec /bin/x\nexec /bin/x' });
    it.start('a');
    it.stop('a');
    expect(it.start('a')).toBe('2.JobFailed a!start');
    expect(it.exit('a', 0, 'pre-stop')).toBe('a:running 3.ok');
  });
});

describe('who asks for a stop', () => {
  test('joins one that is in progress, and is told when it is over (W2)', () => {
    const it = maverick({ a: 'exec /bin/x\npost-stop exec /bin/x' });
    it.start('a');
    it.stop('a');
    expect(it.stop('a')).toBe('');
    expect(it.stop('a', { env: ['R=1'] })).toBe('4.AlreadyStopped');
    it.exit('a', 'TERM');
    expect(it.exit('a', 0, 'post-stop')).toContain('a:waiting +stopped 2.ok 3.ok');
  });

  test('by a hook is held until the job is down, though that fails (W2)', () => {
    const it = maverick({ x: 'exec /bin/x', b: 'stop on stopping x\nexec /bin/x\npost-stop exec /bin/x' });
    it.start('x');
    it.start('b');
    it.stop('x');
    it.exit('b', 'TERM');
    expect(it.exit('b', 1, 'post-stop')).toMatch(/^#failed b post-stop 1 b:waiting \+stopped -stopping! x:killed/);
  });
});

describe('refusals', () => {
  const it = maverick({ a: 'instance $I\nusage "I=1"\nexec /bin/x', b: 'exec /bin/x' });

  test.each([
    ['an unknown job', () => it.start('no'), /UnknownJob$/],
    ['a variable that names the instance is missing', () => it.start('a'), /InvalidArgs$/],
    ['an entry without an equals sign', () => it.start('b', { env: ['X'] }), /InvalidArgs$/],
    ['an unknown instance', () => it.start('b', { instance: 'x' }), /UnknownInstance$/],
    ['stop of what does not run', () => it.stop('b'), /UnknownInstance$/],
    ['restart of what does not run', () => it.restart('b'), /UnknownInstance$/],
    ['an event without a name', () => it.emit(''), /InvalidArgs$/],
    ['an event with a bad variable', () => it.emit('E', { env: ['X'] }), /InvalidArgs$/],
  ])('%s', (_what, act, answer) => expect(act()).toMatch(answer));

  test('an empty name before the equals sign passes, as in the original', () => {
    expect(it.emit('E', { env: ['=1'] })).toMatch(/ok$/);
    expect(it.start('b', { env: ['=x'] })).not.toContain('InvalidArgs');
  });

  test('a reload of what has no main process names the instance', () => {
    const pool = maverick({ a: 'instance $I\npre-start exec /bin/x' });
    pool.start('a', { env: ['I=7'] });
    const effects = pool.machine.engine.dispatch({
      kind: 'reload',
      at: 0,
      session: '',
      job: 'a',
      instance: '7',
      request: 99,
    });
    expect(effects).toContainEqual(
      expect.objectContaining({
        reply: { ok: false, code: 'NotRunning', message: 'Job is not running: a (7)' },
      }),
    );
  });

  test('GetInstance says how to use the job', () => {
    expect(it.machine.engine.instanceName('', 'a', [])).toEqual({
      ok: false,
      code: 'InvalidArgs',
      message: 'Unknown parameter: I\nUsage: I=1',
    });
    expect(it.machine.engine.instanceName('', 'a', ['I=7'])).toEqual({ ok: true, name: '7' });
  });
});

describe('restart', () => {
  test('goes through pre-stop and takes the newest definition, and keeps what the job was started with (R1-R4)', () => {
    const it = maverick({ a: 'start on A\nenv F=1\nexec /bin/x\npre-stop exec /bin/x' });
    it.emit('A', { env: ['X=1'] });
    it.define('a', 'env F=2\nexec /bin/x');
    expect(it.restart('a', { env: ['Y=2'] })).toBe('a!stop [a pre-stop] a:pre-stop a!start');
    it.exit('a', 0, 'pre-stop');
    expect(it.exit('a', 'TERM')).toContain('2.ok');
    expect(it.env('a')).toEqual(expect.arrayContaining(['F=2', 'X=1', 'Y=2', 'UPSTART_EVENTS=A']));
  });

  test('cuts a start short, and who waited for it waits for the new one (R3)', () => {
    const it = maverick({ a: 'pre-start exec /bin/x\nexec /bin/x' });
    it.start('a');
    expect(it.restart('a')).toBe('a!stop TERM(a pre-start) a!start');
    expect(it.exit('a', 'TERM', 'pre-start')).toContain('a:stopping');
    expect(it.exit('a', 0, 'pre-start')).toContain('1.ok 2.ok');
  });

  test('loses to a later stop', () => {
    const it = maverick({ a: 'exec /bin/x' });
    it.start('a');
    it.restart('a');
    expect(it.stop('a')).toBe('2.JobFailed a!stop');
    expect(it.exit('a', 'TERM')).toContain('a:waiting +stopped 3.ok');
  });

  test('a respawn keeps the definition that runs', () => {
    const it = maverick({ a: 'respawn\nenv F=1\nexec /bin/x' });
    it.start('a');
    it.define('a', 'respawn\nenv F=2\nexec /bin/x');
    it.exit('a', 1);
    expect(it.env('a')).toContain('F=1');
  });

  test('a job whose file is gone starts nothing more, but what runs can be restarted and stopped', () => {
    const it = maverick({ a: 'exec /bin/x' });
    it.start('a');
    it.remove('a');
    expect(it.restart('a')).toContain('a!start');
    it.exit('a', 'TERM');
    it.stop('a');
    expect(it.start('a')).toBe('4.UnknownJob');
    it.exit('a', 'TERM');
    expect(it.machine.engine.job('', 'a')).toBeUndefined();
  });
});

describe('deadlocks are named', () => {
  const chains = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.kind === 'reply' && !effect.reply.ok ? effect.reply.message : []));

  test('a process that waits for what waits for it: the wait fails, the start stands (D1)', () => {
    const it = maverick({ y: 'exec /bin/x', x: 'start on starting y\npre-start exec /bin/x' });
    it.start('y');
    const messages: string[] = [];
    it.machine.onEffect = (effect) => messages.push(...chains([effect]));
    expect(it.start('y', { by: ['x', 'pre-start'] })).toBe('#deadlock 2.Deadlock');
    expect(messages).toEqual([
      'start of y waits for job y, which waits for event starting y, which waits for job x, which waits for start of y',
    ]);
    expect(it.exit('x', 0, 'pre-start')).toContain('y:running +started 1.ok');
  });

  test('a stop from there gets through (W7)', () => {
    const it = maverick({ y: 'exec /bin/x', x: 'start on starting y\npre-start exec /bin/x' });
    it.start('y');
    expect(it.stop('y', { by: ['x', 'pre-start'] })).toContain('y:stopping');
    expect(it.status()).toBe('x=start/pre-start');
  });

  test('a task that waits for an event that waits for it', () => {
    const it = maverick({ t: 'task\nexec /bin/x', u: 'task\nstart on E\nexec /bin/x' });
    it.start('t');
    it.emit('E', { by: ['t', 'main'] });
    expect(it.start('t', { by: ['u', 'main'] })).toBe('#deadlock 3.Deadlock');
    expect(it.exit('u', 0)).toContain('2.ok');
  });

  test('hooks that wait for each other: the newest is let through (D2)', () => {
    const it = maverick({ a: 'start on starting b\nexec /bin/x', b: 'start on starting a\nexec /bin/x' });
    expect(it.start('a')).toContain('#deadlock -starting b:pre-start');
    expect(it.status()).toBe('a=start/running b=start/running');
  });

  test('a process that was told to end holds nobody up', () => {
    const it = maverick({ y: 'exec /bin/x', x: 'start on starting y\npre-start exec /bin/x\nexec /bin/x' });
    it.start('y');
    it.restart('x');
    expect(it.start('y', { by: ['x', 'pre-start'] })).toBe('');
    expect(it.exit('x', 'TERM', 'pre-start')).toContain('[x pre-start]');
  });

  test('a service that restarts itself is none (D3)', () => {
    const it = maverick({ s: 'exec /bin/x' });
    it.start('s');
    expect(it.restart('s', { by: ['s', 'main'] })).not.toContain('#deadlock');
  });
});
