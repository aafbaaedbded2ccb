/** Cycles of `while`: jobs of which each runs only as long as the next one does. */

import { cyclicGroups } from './cycles.js';
import { leavesOf } from './expression-tree.js';
import type { CheckedJob } from './known-events.js';

const namesIn = ({ definition }: CheckedJob): ReadonlySet<string> =>
  new Set(leavesOf(definition.while).map(({ job }) => job));

/** The groups of jobs that lead back to themselves by their `while`, each in the order of the jobs. */
export const whileCycles = (jobs: readonly CheckedJob[]): readonly (readonly string[])[] =>
  cyclicGroups(new Map(jobs.map((job) => [job.name, namesIn(job)])));
