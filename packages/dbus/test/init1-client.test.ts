import type { JournalFilter } from '@maverick/engine';
import { describe, expect, test } from 'vitest';
import { NoJournalError, NotSupportedError } from '../src/call-errors.js';
import type { OptionalModel } from '../src/model.js';
import type { UpstartClient } from '../src/upstart-client.js';
import { FakeModel, instanceView } from './helpers/fake-model.js';
import { serve } from './helpers/serving.js';

/** A client of a model that can do these things, too. */
const withParts = async (parts: OptionalModel): Promise<UpstartClient> => {
  const model = new FakeModel().add('web', { export: ['PORT'] }, [
    instanceView('web', '', { env: ['PORT=80', 'X=1'] }),
  ]);
  return serve(Object.assign(model, parts)).client();
};

test('explanations, simulations and versions are values', async () => {
  const { init1 } = await withParts({
    explain: (subject) => ({ kind: 'event', sentences: ['Because.'], ...subject }) as never,
    simulate: (request) => ({ played: request }),
  });
  expect(await init1.version()).toMatch(/^\d+\.\d+\.\d+/);
  expect(await init1.explain('web')).toEqual({ sentences: ['Because.'], details: { kind: 'event', job: 'web' } });
  expect(await init1.explain('web', '')).toMatchObject({ details: { job: 'web', instance: '' } });
  expect(await init1.explainEvent(7)).toMatchObject({ details: { event: 7 } });
  expect(await init1.explainCondition(['started', 'JOB=db'])).toMatchObject({
    details: { condition: ['started', 'JOB=db'] },
  });
  expect(await init1.simulate({ events: ['x'] })).toEqual({ played: { events: ['x'] } });
});

test('states, usage and sessions are values', async () => {
  const opened: unknown[] = [];
  const { init1 } = await withParts({
    usage: (instances) =>
      instances.map(() => ({ source: 'proc', pids: [42], memoryBytes: 2n ** 40n, cpuMicroseconds: 5n })),
    sessions: () => [
      { id: '', kind: 'system', jobs: 1 },
      { id: 's', kind: 'chroot', root: '/srv', uid: 7, jobs: 0, closing: true },
    ],
    openSession: (wish, startupEvent) => {
      opened.push([wish, startupEvent]);
      return { ok: true, session: 's' };
    },
    closeSession: (session, answer) => {
      opened.push(session);
      answer();
    },
  });
  expect(await init1.states()).toEqual({ holding: [{ job: 'web', instance: '', env: ['PORT=80'] }], conditions: [] });
  const use = { job: 'web', instance: '', source: 'proc', pids: [42], memoryBytes: 2n ** 40n, cpuMicroseconds: 5n };
  for (const asked of [init1.usage(), init1.usage('web'), init1.usage('web', '')]) expect(await asked).toEqual([use]);
  expect(await init1.sessions()).toEqual([
    { id: '', kind: 'system', jobs: 1, closing: false, own: true },
    { id: 's', kind: 'chroot', root: '/srv', uid: 7, jobs: 0, closing: true, own: false },
  ]);
  expect(await init1.openSession({ root: '/srv' })).toBe('s');
  expect(await init1.openSession({ uid: 7, startupEvent: 'startup' })).toBe('s');
  await init1.closeSession('s');
  expect(opened).toEqual([[{ root: '/srv' }, undefined], [{ uid: 7 }, 'startup'], 's']);
  for (const wish of [{}, { root: '/srv', uid: 7 }]) {
    await expect(init1.openSession(wish)).rejects.toThrow('Expected a root (s), a uid (u) or a user (s)');
  }
});

describe('the journal', () => {
  const journalOf = () => {
    const followers = new Map<(line: string) => void, JournalFilter>();
    const asked: unknown[] = [];
    const journal: OptionalModel['journal'] = {
      tail: (filter, count) => {
        asked.push({ filter, count });
        return ['{"n":1}', '{"n":2}'];
      },
      follow: (filter, listener) => {
        followers.set(listener, filter);
        return () => followers.delete(listener);
      },
      place: (answer) => answer(asked.length === 0 ? undefined : '/var/journal'),
    };
    const write = (line: string): void => {
      for (const listener of followers.keys()) listener(line);
    };
    return { journal, followers, asked, write };
  };

  test('tells where its files are, if it has any', async () => {
    const { journal } = journalOf();
    const { init1 } = await withParts({ journal });
    await expect(init1.journalPlace()).rejects.toBeInstanceOf(NoJournalError);
    await init1.journal();
    expect(await init1.journalPlace()).toBe('/var/journal');
    const { place: _, ...placeless } = journal;
    const other = await withParts({ journal: placeless });
    await expect(other.init1.journalPlace()).rejects.toBeInstanceOf(NotSupportedError);
  });

  test('is read by what is asked for', async () => {
    const { journal, asked } = journalOf();
    const { init1 } = await withParts({ journal });
    expect(await init1.journal({ job: 'web', what: 'x', lines: 2 })).toEqual(['{"n":1}', '{"n":2}']);
    await init1.journal();
    const filter = { instance: '', session: 'a', event: 'boot', since: '2026', until: '2027' };
    await init1.journal(filter);
    expect(asked).toEqual([
      { filter: { job: 'web', what: 'x' }, count: 2 },
      { filter: {}, count: 100 },
      { filter, count: 100 },
    ]);
  });

  test('is followed: first what there was, then each line, until the reader leaves', async () => {
    const { journal, followers, write } = journalOf();
    const upstart = await withParts({ journal });
    const lines: string[] = [];
    for await (const line of upstart.init1.followJournal({ job: 'web' })) {
      lines.push(line);
      if (lines.length === 2) write('{"n":3}');
      if (line === '{"n":3}') break;
    }
    expect(lines).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    await upstart.version();
    expect(followers.size).toBe(0);
  });

  test('followed twice tells each its own', async () => {
    const { journal, write } = journalOf();
    const { init1 } = await withParts({ journal });
    const [a, b] = [init1.followJournal(), init1.followJournal()];
    for (const reader of [a, b]) for (const n of [1, 2]) expect((await reader.next()).value).toBe(`{"n":${n}}`);
    write('x');
    expect([(await a.next()).value, (await b.next()).value]).toEqual(['x', 'x']);
    await a.return?.();
    write('y');
    expect((await b.next()).value).toBe('y');
    expect(await a.next()).toEqual({ value: undefined, done: true });
  });

  test('of a connection that ends, ends', async () => {
    const upstart = await withParts({ journal: journalOf().journal });
    const reader = upstart.init1.followJournal();
    await reader.next();
    await reader.next();
    upstart.close();
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  test('that a daemon does not have fails the first read', async () => {
    const { init1 } = await withParts({});
    await expect(init1.followJournal().next()).rejects.toBeInstanceOf(NotSupportedError);
    await expect(init1.journal()).rejects.toBeInstanceOf(NotSupportedError);
  });
});

test('files are released and held again, and what hinders it is told', async () => {
  const asked: unknown[] = [];
  const { init1 } = await withParts({
    releaseFiles: (dir, answer) => {
      asked.push(dir);
      answer(dir === undefined ? ['/x is held open for writing'] : []);
    },
    resumeFiles: (answer) => {
      asked.push('resume');
      answer();
    },
  });
  expect(await init1.releaseFiles()).toEqual(['/x is held open for writing']);
  expect(await init1.releaseFiles('/run/journal')).toEqual([]);
  await init1.resumeFiles();
  expect(asked).toEqual([undefined, '/run/journal', 'resume']);
});
