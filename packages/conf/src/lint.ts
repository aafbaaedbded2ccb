/**
 * What is wrong with a set of jobs that no single file shows.
 *
 * @see initctl(8), "check-config"
 */

import { leavesOf } from './expression-tree.js';
import {
  type CheckedJob,
  type EventSource,
  eventSourceOf,
  isOutside,
  type KnownEvents,
  type KnownEventsOptions,
  knownEvents,
} from './known-events.js';
import { Reachability } from './reachability.js';
import { type RingStep, type StartCycle, startCycles } from './start-cycles.js';
import { whileCycles } from './while-cycles.js';

/** One finding. `code` is stable; `message` is for people. */
export type LintFinding = { readonly job: string; readonly message: string } & (
  | { readonly code: 'unknown-event'; readonly stanza: 'start on' | 'stop on'; readonly event: string }
  | { readonly code: 'unknown-job'; readonly stanza: 'start on' | 'stop on' | 'while'; readonly unknown: string }
  /** `job` is the first of them. */
  | { readonly code: 'while-cycle'; readonly jobs: readonly string[] }
  /**
   * Each of these jobs starts only because of another of them, so that without a command none does, whatever else happens. `job` is
   * the first of them; `ring` is the shortest way around.
   */
  | { readonly code: 'start-cycle'; readonly jobs: readonly string[]; readonly ring: readonly RingStep[] }
  /**
   * Nothing that the files tell of makes the condition of the job true by itself. A command can, for this job and for those that
   * it waits for, and so can an event that a process emits without a word of `emits`.
   */
  | { readonly code: 'never-starts'; readonly missing: readonly EventSource[] }
);

const unknownJob = (job: string, stanza: 'start on' | 'stop on' | 'while', unknown: string): LintFinding => ({
  code: 'unknown-job',
  job,
  stanza,
  unknown,
  message: `${stanza}: unknown job ${unknown}`,
});

const unknownIn = (job: CheckedJob, stanza: 'start on' | 'stop on', known: KnownEvents): readonly LintFinding[] =>
  leavesOf(stanza === 'start on' ? job.definition.startOn : job.definition.stopOn).flatMap((match): LintFinding[] => {
    const source = eventSourceOf(match);
    if (source.kind === 'job') {
      const { pattern } = source;
      return pattern === undefined || known.isKnownJob(pattern) ? [] : [unknownJob(job.name, stanza, pattern)];
    }
    if (known.isKnownEvent(source.name)) return [];
    const message = `${stanza}: unknown event ${source.name}`;
    return [{ code: 'unknown-event', job: job.name, stanza, event: source.name, message }];
  });

const unknownStates = (job: CheckedJob, known: KnownEvents): readonly LintFinding[] =>
  leavesOf(job.definition.while)
    .filter((term) => !known.isKnownJob(term.job))
    .map((term) => unknownJob(job.name, 'while', term.job));

const showSource = (source: EventSource): string =>
  source.kind === 'event' ? `event ${source.name}` : `job ${source.pattern ?? '(any)'}`;

const neverStarts = ({ name }: CheckedJob, missing: readonly EventSource[]): LintFinding => ({
  code: 'never-starts',
  job: name,
  missing,
  message: `does not start by itself, as far as the files tell: without a command nothing in them brings about ${[...new Set(missing.map(showSource))].join(', ')}`,
});

const whileCycle = (jobs: readonly string[]): LintFinding => {
  const [first = ''] = jobs;
  return { code: 'while-cycle', job: first, jobs, message: `while: cycle of ${jobs.join(', ')}` };
};

const startCycle = ({ jobs, ring }: StartCycle): LintFinding => {
  const [job = ''] = jobs;
  const around = ring.map((step) => `${step.job} waits for ${step.waitsFor}`).join(', ');
  return { code: 'start-cycle', job, jobs, ring, message: `start on: cycle of ${jobs.join(', ')}: ${around}` };
};

/** The jobs that do not start by themselves, each with what it waits for in vain. */
const unreachableJobs = (jobs: readonly CheckedJob[], { isGiven }: KnownEvents) => {
  const reachability = new Reachability(jobs, { isGiven, isOutside });
  const unreached = jobs.filter((job) => !reachability.reached.has(job));
  return new Map(
    unreached.map((job) => {
      const { startOn, states } = reachability.missing(job);
      return [job, [...startOn, ...states]];
    }),
  );
};

/**
 * Check a set of jobs: events that nobody emits, jobs that nobody has, cycles of `while` and of `start on`, and jobs that nothing
 * starts by itself.
 * Known are the events of init and of jobs, and what jobs say with `emits`.
 * @param jobs all jobs of one session: `resolveJobs(…).jobs.values()`
 * @returns the findings in the order of the jobs, then the cycles
 */
export const lint = (jobs: Iterable<CheckedJob>, options: KnownEventsOptions = {}): readonly LintFinding[] => {
  const all = [...jobs];
  const known = knownEvents(all, options);
  const unreachable = unreachableJobs(all, known);
  const cycles = startCycles(all, known);
  const inCycle = new Set(cycles.flatMap(({ jobs: members }) => members));
  const findings = all.flatMap((job) => {
    // Why those of a cycle do not start is told of it as a whole.
    const missing = inCycle.has(job.name) ? undefined : unreachable.get(job);
    return [
      ...unknownIn(job, 'start on', known),
      ...unknownIn(job, 'stop on', known),
      ...unknownStates(job, known),
      ...(missing ? [neverStarts(job, missing)] : []),
    ];
  });
  return [
    ...findings,
    ...whileCycles(all).map(whileCycle),
    // A cycle of `while` alone is told above.
    ...cycles.filter(({ ring }) => ring.length > 0).map(startCycle),
  ];
};
