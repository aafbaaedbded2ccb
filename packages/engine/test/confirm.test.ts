import { describe, expect, test } from 'vitest';
import { Engine, SYSTEM } from '../src/index.js';
import { maverick, type Scenario, upstart } from './helpers/scenario.js';

const JOBS = {
  db: 'start on boot\nexec /bin/x',
  web: 'start on started db\nrespawn\nexec /bin/x',
};

const confirm = (it: Scenario, { jobs = [] as readonly string[], timeoutMs = 30_000, on = true } = {}): void => {
  it.machine.send({ kind: 'confirm', session: SYSTEM, on, jobs, timeoutMs, request: it.machine.nextRequest() });
};

type Said = 'yes' | 'no' | 'always' | 'quit';
const say = (it: Scenario, job: string, answer: Said) => {
  const request = it.machine.nextRequest();
  it.machine.send({ kind: 'answer-start', session: SYSTEM, job, instance: '', answer, request });
  return it.machine.effects.findLast((effect) => effect.kind === 'reply' && effect.request === request);
};

const stateOf = (it: Scenario, job: string): string => {
  const view = it.machine.engine.instance(SYSTEM, job, '');
  return view ? `${view.goal}/${view.state}` : 'stop/waiting';
};
const held = (it: Scenario): string[] => it.machine.engine.heldStarts(SYSTEM).map(({ instance }) => instance.job);

describe.each([
  ['maverick', maverick],
  ['upstart', upstart],
] as const)('in the semantics of %s', (_, scenario) => {
  test('each start waits for its word, and says why', () => {
    const it = scenario(JOBS);
    confirm(it);
    it.emit('boot');
    expect([stateOf(it, 'db'), held(it)]).toEqual(['start/starting', ['db']]);
    const explained = it.machine.engine.explain({ session: SYSTEM, job: 'db', instance: '' }, it.machine.now);
    expect(explained?.sentences).toEqual([
      'db is start/starting, for 0 ms.',
      'Because: event boot, just now.',
      'It waits for its start to be confirmed, which it is in 30 s.',
      'Waited for by event boot.',
    ]);
    say(it, 'db', 'yes');
    expect([stateOf(it, 'db'), held(it)]).toEqual(['start/running', ['web']]);
    say(it, 'web', 'yes');
    expect([stateOf(it, 'web'), held(it)]).toEqual(['start/running', []]);
  });

  test('no: it is not started, and what hangs on it neither', () => {
    const it = scenario(JOBS);
    confirm(it);
    it.emit('boot');
    say(it, 'db', 'no');
    expect([stateOf(it, 'db'), stateOf(it, 'web'), held(it)]).toEqual(['stop/waiting', 'stop/waiting', []]);
  });

  test('always: the job is not asked about again', () => {
    const it = scenario(JOBS);
    confirm(it, { jobs: ['db'] });
    it.emit('boot');
    say(it, 'db', 'always');
    expect([stateOf(it, 'web'), held(it)]).toEqual(['start/running', []]);
    it.stop('db');
    it.exit('db', 0);
    it.start('db');
    expect([stateOf(it, 'db'), held(it)]).toEqual(['start/running', []]);
  });

  test('quit: what waits goes on, and nothing is asked any more', () => {
    const it = scenario({ ...JOBS, log: 'start on boot\nexec /bin/x' });
    confirm(it);
    it.emit('boot');
    expect(held(it)).toEqual(['db', 'log']);
    say(it, 'log', 'quit');
    expect([stateOf(it, 'db'), stateOf(it, 'log'), stateOf(it, 'web'), held(it)]).toEqual([
      ...Array(3).fill('start/running'),
      [],
    ]);
  });

  test('the time over means yes', () => {
    const it = scenario(JOBS);
    confirm(it, { timeoutMs: 5000 });
    it.emit('boot');
    it.advance(4);
    expect(stateOf(it, 'db')).toBe('start/starting');
    it.advance(1);
    expect(stateOf(it, 'db')).toBe('start/running');
  });

  test('a stop lets go of it', () => {
    const it = scenario(JOBS);
    confirm(it, { timeoutMs: 0 });
    it.emit('boot');
    it.stop('db');
    expect([stateOf(it, 'db'), held(it)]).toEqual(['stop/waiting', []]);
  });

  test('all that survives a snapshot', () => {
    const it = scenario(JOBS);
    confirm(it);
    it.emit('boot');
    it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
    expect(held(it)).toEqual(['db']);
    say(it, 'db', 'yes');
    expect([stateOf(it, 'db'), held(it)]).toEqual(['start/running', ['web']]);
  });
});

test('an answer for what does not wait is refused', () => {
  const it = maverick(JOBS);
  it.emit('boot');
  expect(say(it, 'db', 'yes')).toMatchObject({
    reply: { ok: false, code: 'UnknownInstance', message: 'No start waits to be confirmed: db' },
  });
});

test('a respawn is no start', () => {
  const it = maverick(JOBS);
  it.emit('boot');
  confirm(it);
  it.exit('web', 1);
  expect([stateOf(it, 'web'), held(it)]).toEqual(['start/running', []]);
});

test('off: all that waits goes on', () => {
  const it = maverick(JOBS);
  confirm(it);
  it.emit('boot');
  confirm(it, { on: false });
  expect([stateOf(it, 'web'), held(it)]).toEqual(['start/running', []]);
});
