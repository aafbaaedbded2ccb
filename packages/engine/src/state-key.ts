import type { OperandMemory } from './memory.js';
import type { EngineSnapshot } from './snapshot.js';

/**
 * Two snapshots with the same key go on in the same way, but for times, and for how often the same is told at its end: numbers
 * that only tell things apart are counted anew, in their order; what is kept for explanations is left out; and of events that are
 * alike and that nobody waits for one stands for all, because any number of them can come to wait for the same job.
 */

/** Numbers counted anew. */
class Ranks {
  readonly #ranks: ReadonlyMap<number, number>;

  constructor(numbers: Iterable<number | undefined>) {
    const known = [...new Set(numbers)].filter((number) => number !== undefined).sort((a, b) => a - b);
    this.#ranks = new Map(known.map((number, rank) => [number, rank + 1]));
  }

  readonly of = (number: number | undefined): number => this.#ranks.get(number ?? 0) ?? 0;
}

type ClassSnapshot = EngineSnapshot['sessions'][number]['classes'][number];
type InstanceSnapshot = ClassSnapshot['instances'][number];

const memoriesOf = ({ named, common, instances }: ClassSnapshot): OperandMemory[] => [
  ...named.flatMap(([, records]) => records),
  ...common,
  ...instances.flatMap(({ stopMemory = [] }) => stopMemory),
];

type EventSnapshot = EngineSnapshot['events'][number];

const isHook = ({ hookOf }: EventSnapshot): boolean => hookOf !== undefined;

const eventRanks = ({ events, sessions }: EngineSnapshot): Ranks => {
  const memories = sessions.flatMap(({ classes }) => classes.flatMap(memoriesOf));
  return new Ranks([
    ...events.filter(isHook).map(({ id }) => id),
    ...memories.flatMap(({ record, hooks }) => [record?.event, ...hooks.map(({ event }) => event)]),
  ]);
};

const unique = (values: readonly unknown[]): readonly string[] => [
  ...new Set(values.map((value) => JSON.stringify(value))),
];

/** @param matters the variables that conditions ask for; absent: all */
export const stateKey = (snapshot: EngineSnapshot, matters?: ReadonlySet<string>): string => {
  const env = (entries: readonly string[] | undefined) =>
    matters ? entries?.filter((entry) => matters.has(entry.slice(0, entry.indexOf('=')))) : entries;
  const { sessions, events, processes } = snapshot;
  const all = sessions.flatMap(({ classes }) => classes.flatMap(({ instances }) => instances));
  const rank = eventRanks(snapshot).of;
  const plain = new Map(
    events.filter((one) => !isHook(one)).map((one) => [one.id, `${one.name} ${env(one.env)} ${one.failed}`]),
  );
  const event = (id: number | undefined): number | string => plain.get(id ?? 0) ?? rank(id);
  const instance = new Ranks(all.map(({ id }) => id)).of;
  const told = new Set(processes.filter(({ signalled }) => signalled).map(({ id }) => id));
  const memoryKey = ({ record, hooks }: OperandMemory) => [
    record ? [event(record.event), record.name, env(record.env)] : 0,
    hooks.map((hook) => event(hook.event)),
  ];
  const instanceKey = (one: InstanceSnapshot) => [
    instance(one.id),
    one.name,
    [one.goal, one.state, one.usedOperands],
    [one.env, one.nextEnv, one.stopEnv, one.request, one.nextRequest, one.shown].map(env),
    [
      one.failure !== undefined,
      one.respawnCount,
      one.forks,
      one.ending,
      one.respawning,
      one.up,
      one.override,
      one.backoff !== undefined,
    ],
    event(one.blocker),
    one.stopHolds?.map(event),
    one.stopMemory?.map(memoryKey),
    one.processes.map(([role, process]) => [role, told.has(process)]),
    unique(
      (one.waiters ?? []).map(({ party, want, run }) => [
        party.kind === 'event' ? event(party.event) : 0,
        want,
        (one.run ?? 0) - run,
      ]),
    ),
  ];
  return JSON.stringify([
    sessions.map(({ id, classes }) => [
      id,
      classes.map((one) => [
        one.name,
        one.named.map(([name, records]) => [name, records.map(memoryKey)]),
        one.common.map(memoryKey),
        one.startHolds.map(event),
        one.episodes.map(([name, entries]) => [name, env(entries)]),
        one.instances.map(instanceKey),
      ]),
    ]),
    unique(
      events.map((one) => [
        event(one.id),
        [one.name, env(one.env), one.progress, one.failed, one.operands],
        one.heldBy.map(instance),
        instance(one.hookOf),
        one.letThrough.map(instance),
      ]),
    ),
  ]);
};

/** Without what led to it all: that grows with every step. */
export const withoutOrigins = (snapshot: EngineSnapshot): EngineSnapshot => ({
  ...snapshot,
  origins: [{ reason: { kind: 'omitted', links: 1 } }],
  events: snapshot.events.map((event) => ({ ...event, because: 0 })),
  sessions: snapshot.sessions.map((session) => ({
    ...session,
    classes: session.classes.map(({ lastRun: _lastRun, ...one }) => ({
      ...one,
      instances: one.instances.map(({ because: _because, ...instance }) => instance),
    })),
  })),
});
