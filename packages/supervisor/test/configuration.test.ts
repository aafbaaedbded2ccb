import { defineJob } from '@maverick/conf';
import { expect, test } from 'vitest';
import { Configuration, type ConfiguredJob } from '../src/configuration.js';

const job = (name: string, description = 'first', rest: Partial<ConfiguredJob> = {}): ConfiguredJob => ({
  name,
  definition: defineJob({ description }),
  path: `/conf/${name}.conf`,
  priority: 1,
  ...rest,
});
const broken = (path: string) => ({ severity: 'error', path, line: 1, message: 'Unknown stanza' }) as const;

/** Changes as words, such as `define web`. */
const words = (changes: ReturnType<Configuration['apply']>): string[] =>
  changes.map((change) => `${change.kind} ${change.kind === 'define' ? change.job.name : change.name}`);

const loaded = (...jobs: ConfiguredJob[]): Configuration => {
  const configuration = new Configuration();
  configuration.apply({ jobs, diagnostics: [] });
  return configuration;
};

test('the first reading defines every job, in order', () => {
  expect(words(new Configuration().apply({ jobs: [job('b'), job('a')], diagnostics: [] }))).toEqual([
    'define b',
    'define a',
  ]);
});

test('a job that has not changed is not touched', () => {
  expect(loaded(job('web')).apply({ jobs: [job('web')], diagnostics: [] })).toEqual([]);
});

test('a changed job is defined again, a new one added, one whose file is gone removed', () => {
  const configuration = loaded(job('web'), job('old'), job('same'));
  const changes = configuration.apply({ jobs: [job('web', 'second'), job('same'), job('new')], diagnostics: [] });
  expect(words(changes)).toEqual(['remove old', 'define web', 'define new']);
});

test('a job whose file is broken now keeps its last good definition and is stale', () => {
  const configuration = loaded(job('web'));
  expect(words(configuration.apply({ jobs: [], diagnostics: [broken('/conf/web.conf')] }))).toEqual(['stale web']);
  expect(configuration.staleBecauseOf('web')).toBe('/conf/web.conf');
});

test('it is called stale once', () => {
  const configuration = loaded(job('web'));
  configuration.apply({ jobs: [], diagnostics: [broken('/conf/web.conf')] });
  expect(configuration.apply({ jobs: [], diagnostics: [broken('/conf/web.conf')] })).toEqual([]);
});

test.each([
  { to: 'the same as before', description: 'first', changes: ['fresh web'] },
  { to: 'something new', description: 'second', changes: ['fresh web', 'define web'] },
])('a stale job whose file is mended to $to is fresh', ({ description, changes }) => {
  const configuration = loaded(job('web'));
  configuration.apply({ jobs: [], diagnostics: [broken('/conf/web.conf')] });
  expect(words(configuration.apply({ jobs: [job('web', description)], diagnostics: [] }))).toEqual(changes);
  expect(configuration.staleBecauseOf('web')).toBeUndefined();
});

test('a stale job whose file is deleted is removed', () => {
  const configuration = loaded(job('web'));
  configuration.apply({ jobs: [], diagnostics: [broken('/conf/web.conf')] });
  expect(words(configuration.apply({ jobs: [], diagnostics: [] }))).toEqual(['remove web']);
});

test('a job whose override is broken now keeps what it was together with it', () => {
  const overridePath = '/conf/web.override';
  const configuration = loaded(job('web', 'overridden', { overridePath }));
  const reading = { jobs: [job('web', 'plain')], diagnostics: [broken(overridePath)] };
  expect(words(configuration.apply(reading))).toEqual(['stale web']);
});

test('a directory that cannot be read takes no job away', () => {
  expect(words(loaded(job('web')).apply({ jobs: [], diagnostics: [broken('/conf')] }))).toEqual(['stale web']);
});

test('a warning breaks nothing', () => {
  const warning = { ...broken('/conf/web.conf'), severity: 'warning' } as const;
  expect(words(loaded(job('web')).apply({ jobs: [job('web', 'second')], diagnostics: [warning] }))).toEqual([
    'define web',
  ]);
});

test('a broken file takes no precedence over a lower directory it never outranked', () => {
  const lower = job('web', 'lower', { path: '/lower/web.conf', priority: 2 });
  const reading = { jobs: [lower], diagnostics: [broken('/conf/web.conf')] };
  expect(words(new Configuration().apply(reading))).toEqual(['define web']);
});

test('a broken file keeps its last good definition though a lower directory has one', () => {
  const lower = job('web', 'lower', { path: '/lower/web.conf', priority: 2 });
  const reading = { jobs: [lower], diagnostics: [broken('/conf/web.conf')] };
  expect(words(loaded(job('web')).apply(reading))).toEqual(['stale web']);
});

test('a good file in a higher directory wins over a broken one', () => {
  const higher = job('web', 'higher', { path: '/higher/web.conf', priority: 0 });
  const reading = { jobs: [higher], diagnostics: [broken('/conf/web.conf')] };
  expect(words(loaded(job('web')).apply(reading))).toEqual(['define web']);
});

test.each([
  { what: 'changed', scope: ['web'], jobs: [job('web', 'second')], changes: ['define web'] },
  { what: 'gone', scope: ['web'], jobs: [], changes: ['remove web'] },
  { what: 'new', scope: ['new'], jobs: [job('new')], changes: ['define new'] },
  { what: 'gone, and nobody asked', scope: ['other'], jobs: [], changes: [] },
])('a partial reading touches only what it is about: $what', ({ scope, jobs, changes }) => {
  const configuration = loaded(job('web'), job('db'));
  expect(words(configuration.apply({ jobs, diagnostics: [] }, new Set(scope)))).toEqual(changes);
  expect(configuration.job('db')).toBeDefined();
});

test('a stale job that a partial reading is not about stays stale', () => {
  const configuration = loaded(job('web'), job('db'));
  configuration.apply({ jobs: [job('db')], diagnostics: [broken('/conf/web.conf')] });
  configuration.apply({ jobs: [job('db', 'second')], diagnostics: [] }, new Set(['db']));
  expect(configuration.staleBecauseOf('web')).toBe('/conf/web.conf');
});
