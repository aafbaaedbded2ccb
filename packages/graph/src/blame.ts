import type { JobState } from '@maverick/engine';
import { arrivalOf } from './critical-chain.js';
import type { History, Run } from './history.js';

/** How long a run took to come up (a task: to be done), and with what. Milliseconds. */
export interface Blame {
  readonly run: Run;
  /** In states in which its own processes work. */
  readonly ownMs: number;
  /** In `starting`: others held it. */
  readonly waitedMs: number;
}

type Share = 'own' | 'waited';

/** Whose time a state is on the way up. Those that are not here take none, or lie behind. */
const SHARES: Partial<Record<JobState, Share>> = {
  starting: 'waited',
  security: 'own',
  'pre-start': 'own',
  spawned: 'own',
  'post-start': 'own',
};

const shareOf = (state: JobState, isTask: boolean): Share | undefined =>
  // A task is awaited until it has ended.
  isTask && state !== 'starting' && state !== 'waiting' ? 'own' : SHARES[state];

const blameOf = (run: Run): Blame => {
  const end = arrivalOf(run)?.at ?? run.ended?.at;
  const sums = { own: 0, waited: 0 };
  for (const [index, { state, at }] of run.phases.entries()) {
    const share = shareOf(state, run.isTask);
    const until = Math.min(run.phases[index + 1]?.at ?? end ?? at, end ?? at);
    if (share !== undefined) sums[share] += Math.max(0, until - at);
  }
  return { run, ownMs: sums.own, waitedMs: sums.waited };
};

/** What took how long to come up, the longest first. Runs that never came up, or are on their way, are not among them. */
export const blame = ({ runs }: History): Blame[] =>
  runs
    .filter((run) => arrivalOf(run) !== undefined)
    .map(blameOf)
    .toSorted((one, other) => other.ownMs - one.ownMs);
