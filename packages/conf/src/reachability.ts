/** Which jobs can ever start by themselves, from what happens without them on. */

import { canHold, type LeafOf, leavesOf } from './expression-tree.js';
import { matchGlob } from './glob.js';
import type { StateExpression } from './job-conf.js';
import {
  type CheckedJob,
  type EventMatch,
  type EventSource,
  eventSourceOf,
  isOutside,
  type KnownEvents,
} from './known-events.js';

/** Something that jobs wait for; the first job that can bring it about makes all of them look again. */
interface Need {
  readonly source: EventSource;
  met: boolean;
  readonly waiting: Set<CheckedJob>;
}

type Term = LeafOf<StateExpression>;

const sourceOf = (leaf: EventMatch | Term): EventSource =>
  leaf.kind === 'match' ? eventSourceOf(leaf) : { kind: 'job', pattern: leaf.job };

const keyOf = (source: EventSource): string =>
  source.kind === 'event' ? `event ${source.name}` : `job ${source.pattern ?? ''}`;

const brings = ({ name, definition }: CheckedJob, source: EventSource): boolean =>
  source.kind === 'event'
    ? definition.emits.some((glob) => matchGlob(glob, source.name))
    : source.pattern === undefined || matchGlob(source.pattern, name);

class Reachability {
  private readonly needs = new Map<string, Need>();
  private readonly unmet = new Set<Need>();
  readonly reached = new Set<CheckedJob>();
  private readonly known: KnownEvents;

  constructor(jobs: readonly CheckedJob[], known: KnownEvents) {
    this.known = known;
    for (const job of jobs) {
      for (const leaf of leavesOf(job.definition.startOn)) this.need(sourceOf(leaf)).waiting.add(job);
      for (const leaf of leavesOf(job.definition.while)) this.need(sourceOf(leaf)).waiting.add(job);
    }
    const queue = new Set(jobs);
    for (const job of queue) {
      queue.delete(job);
      if (this.reached.has(job) || !this.canStart(job)) continue;
      this.reached.add(job);
      for (const waiting of this.meetBy(job)) queue.add(waiting);
    }
  }

  private need(source: EventSource): Need {
    const key = keyOf(source);
    const known = this.needs.get(key);
    if (known) return known;
    const name = source.kind === 'event' ? source.name : source.pattern;
    const met = source.kind === 'event' ? this.known.isGiven(source.name) : name !== undefined && isOutside(name);
    const need: Need = { source, met, waiting: new Set() };
    this.needs.set(key, need);
    if (!met) this.unmet.add(need);
    return need;
  }

  /** @returns the jobs that waited for something that this one brings about */
  private meetBy(job: CheckedJob): readonly CheckedJob[] {
    const released: CheckedJob[] = [];
    for (const need of this.unmet) {
      if (!brings(job, need.source)) continue;
      need.met = true;
      this.unmet.delete(need);
      for (const waiting of need.waiting) released.push(waiting);
    }
    return released;
  }

  readonly isMet = (leaf: EventMatch | Term): boolean => this.need(sourceOf(leaf)).met;

  /** Whoever has no condition of their own is started by hand, which no `while` forbids. */
  private canStart({ definition }: CheckedJob): boolean {
    const { startOn, whileIsGuard } = definition;
    const holds = definition.while === undefined || canHold(definition.while, this.isMet);
    if (startOn) return canHold(startOn, this.isMet) && holds;
    return whileIsGuard || holds;
  }
}

/** The jobs whose conditions can never hold, each with what it waits for in vain. */
export const unreachableJobs = (
  jobs: readonly CheckedJob[],
  known: KnownEvents,
): ReadonlyMap<CheckedJob, readonly EventSource[]> => {
  const reachability = new Reachability(jobs, known);
  const unreached = jobs.filter((job) => !reachability.reached.has(job));
  return new Map(
    unreached.map((job) => {
      const leaves = [...leavesOf(job.definition.startOn), ...leavesOf(job.definition.while)];
      return [job, leaves.filter((leaf) => !reachability.isMet(leaf)).map(sourceOf)];
    }),
  );
};
