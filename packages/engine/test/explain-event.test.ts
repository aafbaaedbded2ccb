import { expect, test } from 'vitest';
import { type ExpectedEvent, SYSTEM } from '../src/index.js';
import { maverick, type Scenario } from './helpers/scenario.js';

const explainEvent = (it: Scenario, ...condition: readonly string[]): ExpectedEvent => {
  const explained = it.machine.engine.explain({ session: SYSTEM, condition }, it.machine.now);
  if (explained?.kind !== 'condition') throw new Error('an event is always known');
  return explained;
};

const it = () =>
  maverick({
    db: 'start on boot\nexec /bin/x',
    web: 'start on started db and net-up IFACE=eth*\nstop on stopping db\nexec /bin/x',
    log: 'start on started JOB=db\nstop on net-down\nexec /bin/x',
    net: 'emits net-*\nexec /bin/x',
    held: 'start on starting slow and warm\nexec /bin/x',
    slow: 'exec /bin/x',
  });

test('who could bring an event about, and what would come of it', () => {
  expect(explainEvent(it(), 'started', 'JOB=db').sentences).toEqual([
    'No event started JOB=db is being handled.',
    'It could come from db (which does not run).',
    'It would help to start web (which does not run), which then still needs: net-up IFACE=eth*.',
    'It would start log (which does not run).',
  ]);
});

test.each([
  [
    ['started', 'db'],
    ['web', 'log'],
  ],
  [
    ['started', 'JOB=db'],
    ['web', 'log'],
  ],
  [
    ['started', 'd*'],
    ['web', 'log'],
  ],
  [['started', 'net'], []],
  [['net-up'], ['web']],
  [['net-up', 'IFACE=eth0'], ['web']],
  [['net-up', 'IFACE=wlan0'], []],
  [['nothing'], []],
] as const)('%j is heard by %j', (condition, jobs) => {
  expect(explainEvent(it(), ...condition).listeners.map(({ job }) => job)).toEqual(jobs);
});

test('what was seen before counts, and those that would stop are named', () => {
  const live = it();
  live.emit('boot');
  expect(explainEvent(live, 'net-up', 'IFACE=eth0').sentences).toEqual([
    'No event net-up IFACE=eth0 is being handled.',
    'It could come from net, which says that it emits it (which does not run).',
    'It would start web (which does not run).',
  ]);
  expect(explainEvent(live, 'net-down').sentences.at(-1)).toBe('It would stop log.');
  expect(explainEvent(live, 'unheard').sentences.slice(1)).toEqual([
    'No job is known to bring it about: it comes from outside, or not at all.',
    'No job waits for it.',
  ]);
});

test('one that has not finished is explained with what it waits for', () => {
  const live = it();
  live.start('slow');
  live.advance(3);
  const { unfinished, sentences } = explainEvent(live, 'starting', 'slow');
  expect(unfinished.map(({ name }) => name)).toEqual(['starting']);
  expect(sentences[0]).toBe('Event starting JOB=slow INSTANCE= is being handled, for 3 s.');
  expect(sentences.join('\n')).toContain('held has held it for 3 s');
});

test('a job tells who waits for it', () => {
  const { machine } = it();
  const explained = machine.engine.explain({ session: SYSTEM, job: 'db' });
  expect(explained).toMatchObject({
    expectedBy: [
      { job: 'web', event: 'started', missing: 'net-up IFACE=eth*' },
      { job: 'log', event: 'started', missing: '' },
    ],
  });
  expect(explained?.sentences.slice(-2)).toEqual([
    'web waits for its started event, and for: net-up IFACE=eth*.',
    'log starts on its started event.',
  ]);
});
