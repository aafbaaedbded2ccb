/** Which jobs can ever start by themselves, from what happens without them on. */

import { canHold, type LeafOf, neededLeavesOf } from './expression-tree.js';
import { matchGlob } from './glob.js';
import type { StateExpression } from './job-conf.js';
import { type CheckedJob, type EventMatch, type EventSource, eventSourceOf } from './known-events.js';

/** What comes without any of the jobs. */
export interface FromElsewhere {
  readonly isGiven: (event: string) => boolean;
  /** Whether events of jobs of this name or pattern come from elsewhere. */
  readonly isOutside: (pattern: string) => boolean;
}

/** A source that is jobs. */
export type JobSource = Extract<EventSource, { readonly kind: 'job' }>;

/** Something that jobs wait for; the first job that can bring it about makes all of them look again. */
interface Need {
  readonly source: EventSource;
  met: boolean;
  readonly waiting: Set<CheckedJob>;
}

type Term = LeafOf<StateExpression>;

const stateSourceOf = ({ job }: Term): JobSource => ({ kind: 'job', pattern: job });

const sourceOf = (leaf: EventMatch | Term): EventSource =>
  leaf.kind === 'match' ? eventSourceOf(leaf) : stateSourceOf(leaf);

const keyOf = (source: EventSource): string =>
  source.kind === 'event' ? `event ${source.name}` : `job ${source.pattern ?? ''}`;

const brings = ({ name, definition }: CheckedJob, source: EventSource): boolean =>
  source.kind === 'event'
    ? definition.emits.some((glob) => matchGlob(glob, source.name))
    : source.pattern === undefined || matchGlob(source.pattern, name);

/** The jobs that start by themselves, given what comes from elsewhere. */
export class Reachability {
  private readonly needs = new Map<string, Need>();
  private readonly unmet = new Set<Need>();
  readonly reached = new Set<CheckedJob>();
  private readonly elsewhere: FromElsewhere;

  constructor(jobs: readonly CheckedJob[], elsewhere: FromElsewhere) {
    this.elsewhere = elsewhere;
    for (const job of jobs) {
      for (const leaf of neededLeavesOf(job.definition.startOn)) this.need(sourceOf(leaf)).waiting.add(job);
      for (const leaf of neededLeavesOf(job.definition.while)) this.need(sourceOf(leaf)).waiting.add(job);
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
    const { isGiven, isOutside } = this.elsewhere;
    const met =
      source.kind === 'event' ? isGiven(source.name) : source.pattern !== undefined && isOutside(source.pattern);
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

  private readonly isMet = (leaf: EventMatch | Term): boolean => this.need(sourceOf(leaf)).met;

  /** What a job waits for in vain, each from left to right. */
  missing({ definition }: CheckedJob): {
    readonly startOn: readonly EventSource[];
    readonly states: readonly JobSource[];
  } {
    const isMissing = (leaf: EventMatch | Term): boolean => !this.isMet(leaf);
    return {
      startOn: neededLeavesOf(definition.startOn).filter(isMissing).map(eventSourceOf),
      states: neededLeavesOf(definition.while).filter(isMissing).map(stateSourceOf),
    };
  }

  /** Whoever has no condition of their own is started by hand, which no `while` forbids. */
  private canStart({ definition }: CheckedJob): boolean {
    const { startOn, whileIsGuard } = definition;
    const holds = definition.while === undefined || canHold(definition.while, this.isMet);
    if (startOn) return canHold(startOn, this.isMet) && holds;
    return whileIsGuard || holds;
  }
}
