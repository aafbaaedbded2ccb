/** Cycles of `start on`: jobs of which each starts only because of another, so that without a command none does. */

import { cyclicGroups, type Edges, shortestWay } from './cycles.js';
import { matchGlob } from './glob.js';
import type { EventOperator, StateExpression } from './job-conf.js';
import { type CheckedJob, type EventSource, isOutside, type KnownEvents } from './known-events.js';
import { Reachability } from './reachability.js';

/** The condition by which a job waits. */
type WaitCondition =
  | { readonly stanza: 'start on'; readonly expression: EventOperator }
  | { readonly stanza: 'while'; readonly expression: StateExpression };

/** One job of a cycle, and why it waits for the next, which it names. */
export type RingStep = { readonly job: string; readonly waitsFor: string } & WaitCondition;

export interface StartCycle {
  /** All jobs that wait for each other, in the order of the jobs. */
  readonly jobs: readonly string[];
  /** The shortest way around, from the first of them that waits by its `start on`. Empty where all wait by `while` only. */
  readonly ring: readonly RingStep[];
}

/** Jobs that one waits for in vain, by the stanza that says so. */
interface Wait {
  readonly job: CheckedJob;
  readonly startOn: ReadonlySet<string>;
  readonly states: ReadonlySet<string>;
}

type Waits = ReadonlyMap<string, Wait>;

/**
 * Whom the jobs wait for that would not start by themselves even if every event came that may come from elsewhere. A job that is
 * not there counts as such: it is missing, which is another thing to tell.
 */
const waitsIn = (jobs: readonly CheckedJob[], known: KnownEvents): Waits => {
  const reachability = new Reachability(jobs, {
    isGiven: () => true,
    isOutside: (pattern) => isOutside(pattern) || !known.isKnownJob(pattern),
  });
  const held = jobs.filter((job) => !reachability.reached.has(job));
  const names = new Set(held.map(({ name }) => name));
  const fitting = new Map<string | undefined, readonly string[]>();
  const jobsOf = (source: EventSource): readonly string[] => {
    if (source.kind === 'event') return [];
    const { pattern } = source;
    if (pattern !== undefined && names.has(pattern)) return [pattern];
    const found =
      fitting.get(pattern) ?? [...names].filter((name) => pattern === undefined || matchGlob(pattern, name));
    fitting.set(pattern, found);
    return found;
  };
  return new Map(
    held.map((job) => {
      const { startOn, states } = reachability.missing(job);
      return [job.name, { job, startOn: new Set(startOn.flatMap(jobsOf)), states: new Set(states.flatMap(jobsOf)) }];
    }),
  );
};

const stepOf = ({ job: { name: job, definition }, startOn }: Wait, waitsFor: string): RingStep[] => {
  const { startOn: events, while: states } = definition;
  if (events && startOn.has(waitsFor)) return [{ job, waitsFor, stanza: 'start on', expression: events }];
  return states ? [{ job, waitsFor, stanza: 'while', expression: states }] : [];
};

/** The shortest way around through what the first job with such a `start on` waits for. */
const ringIn = (group: readonly string[], waits: Waits, edges: Edges<string>): readonly string[] => {
  const members = new Set(group);
  const within: Edges<string> = new Map(
    group.map((name) => [name, new Set([...(edges.get(name) ?? [])].filter((next) => members.has(next)))]),
  );
  for (const first of group) {
    const ways = [...(waits.get(first)?.startOn ?? [])]
      .map((next) => shortestWay(next, first, within) ?? [])
      .filter((way) => way.length > 0)
      .sort((a, b) => a.length - b.length);
    const [shortest] = ways;
    if (shortest) return [first, ...shortest.slice(0, -1)];
  }
  return [];
};

/**
 * The groups of jobs that wait for each other alone. A condition that could hold otherwise, by the other side of an `or`, is part
 * of none. Events that jobs only say that they emit may come from elsewhere, too, and make none.
 */
export const startCycles = (jobs: readonly CheckedJob[], known: KnownEvents): readonly StartCycle[] => {
  const waits = waitsIn(jobs, known);
  const edges: Edges<string> = new Map(
    [...waits].map(([name, { startOn, states }]) => [name, new Set([...startOn, ...states])]),
  );
  return cyclicGroups(edges).map((group) => {
    const ring = ringIn(group, waits, edges);
    const steps = ring.flatMap((name, index) => {
      const wait = waits.get(name);
      return wait ? stepOf(wait, ring[(index + 1) % ring.length] ?? name) : [];
    });
    return { jobs: group, ring: steps };
  });
};
