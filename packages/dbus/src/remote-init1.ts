import type { CallOptions } from './call-options.js';
import type { Explained, Init1Client, InstanceUse, JournalQuery, SessionInfo, SessionOptions } from './init1-client.js';
import { INIT1, type Values, type WireTypes } from './interfaces.js';
import { followJournal } from './journal-follower.js';
import { MANAGER_PATH } from './object-path.js';
import type { Remote } from './remote.js';
import { callMethod, getProperty } from './remote-call.js';
import type { SignalSource } from './signal-source.js';
import type { Value, Variant } from './value.js';

type Dictionary = WireTypes['a{sv}'];

/** Nothing, a job, or a job and an instance. */
const subject = (job: string | undefined, instance: string | undefined): readonly string[] =>
  [job, instance].filter((name) => name !== undefined);

const TYPES = { string: 's', number: 'u' } as const;

/** Options as a dictionary; those that are not given are not in it. */
const dictionary = (options: Readonly<Record<string, string | number | undefined>>): Dictionary => {
  const entries: [string, Variant][] = [];
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined) entries.push([key, { signature: TYPES[typeof value as keyof typeof TYPES], value }]);
  }
  return new Map(entries);
};

/** A value of a dictionary that has this type; what another daemon may have made of it does not count. */
const read = <T extends Value>(entries: Dictionary, key: string, signature: string, absent: T): T => {
  const variant = entries.get(key);
  return variant?.signature === signature ? (variant.value as T) : absent;
};

const explained = ([sentences, details]: readonly [readonly string[], string]): Explained => ({
  sentences,
  details: JSON.parse(details) as Explained['details'],
});

const useOf = ([job, instance, entries]: WireTypes['a(ssa{sv})'][number]): InstanceUse => ({
  job,
  instance,
  source: read(entries, 'source', 's', ''),
  pids: read<readonly number[]>(entries, 'pids', 'au', []),
  memoryBytes: read(entries, 'memory_bytes', 't', 0n),
  cpuMicroseconds: read(entries, 'cpu_microseconds', 't', 0n),
});

const sessionOf = (entries: Dictionary): SessionInfo => {
  const root = entries.get('root')?.value;
  const uid = entries.get('uid')?.value;
  return {
    id: read(entries, 'id', 's', ''),
    kind: read(entries, 'kind', 's', ''),
    ...(typeof root === 'string' ? { root } : {}),
    ...(typeof uid === 'number' ? { uid } : {}),
    jobs: read(entries, 'jobs', 'u', 0),
    closing: read(entries, 'closing', 'b', false),
    own: read(entries, 'own', 'b', false),
  };
};

/** The part of the client that only this daemon answers. */
export const remoteInit1 = (remote: Remote, signals: SignalSource): Init1Client => {
  const call = <M extends keyof typeof INIT1.methods>(
    member: M,
    body: Values<(typeof INIT1.methods)[M]['in']>,
    options?: CallOptions,
  ) => callMethod(remote, MANAGER_PATH, INIT1, member, body, options);
  return {
    version: async (options) => String(await getProperty(remote, MANAGER_PATH, INIT1, 'version', options)),
    bridgeEvents: async (options) => {
      const events = await getProperty(remote, MANAGER_PATH, INIT1, 'bridge_events', options);
      return Array.isArray(events) ? events.map(String) : [];
    },
    explain: async (job, instance, options) => explained(await call('Explain', [subject(job, instance)], options)),
    explainEvent: async (event, options) => explained(await call('ExplainEvent', [event], options)),
    explainCondition: async (condition, options) => explained(await call('ExplainCondition', [condition], options)),
    confirmStarts: async (on, jobs = [], timeoutMs = 0, options) => {
      await call('ConfirmStarts', [on, jobs, timeoutMs], options);
    },
    answerStart: async (job, instance, answer, options) => {
      await call('AnswerStart', [job, instance, answer], options);
    },
    confirming: async (options) => {
      const [on, jobs, always, timeoutMs] = await call('Confirming', [], options);
      return { on, jobs, always, timeoutMs };
    },
    heldStarts: async (options) => {
      const [starts] = await call('HeldStarts', [], options);
      return starts.map(([job, instance, reason, remainingMs]) => ({ job, instance, reason, remainingMs }));
    },
    simulate: async (request, options) => JSON.parse((await call('Simulate', [JSON.stringify(request)], options))[0]),
    states: async (options) => {
      const [holding, conditions] = await call('States', [], options);
      return {
        holding: holding.map(([job, instance, env]) => ({ job, instance, env })),
        conditions: conditions.map(([job, expression, holds]) => ({ job, expression, holds })),
      };
    },
    usage: async (job, instance, options) => (await call('Usage', [subject(job, instance)], options))[0].map(useOf),
    journal: async (query: JournalQuery = {}, options) => [
      ...(await call('Journal', [dictionary({ ...query }), false], options))[0],
    ],
    followJournal: (query: JournalQuery = {}, options) =>
      followJournal(remote, signals, dictionary({ ...query }), options),
    journalPlace: async (options) => (await call('JournalPlace', [], options))[0] || undefined,
    sessions: async (options) => (await call('Sessions', [], options))[0].map(sessionOf),
    openSession: async ({ startupEvent, ...session }: SessionOptions, options) => {
      const event = startupEvent === undefined ? {} : { startup_event: startupEvent };
      return (await call('OpenSession', [dictionary({ ...session, ...event })], options))[0];
    },
    closeSession: async (id, options) => {
      await call('CloseSession', [id], options);
    },
    releaseFiles: async (journalDir = '', options) => [...(await call('ReleaseFiles', [journalDir], options))[0]],
    resumeFiles: async (options) => {
      await call('ResumeFiles', [], options);
    },
  };
};
