import { type StateExpression, showExpression } from '@maverick/conf';
import type { InstanceView, JobState, JobView } from '@maverick/engine';
import type { WireTypes } from './interfaces.js';

/** A job's state holds from `started` to `stopping`. */
const HOLDING: ReadonlySet<JobState> = new Set<JobState>(['running', 'pre-stopping', 'pre-stop']);

/** What `started` tells of an instance: its own name, and what its job exports. */
const exported = ({ definition }: JobView, { env }: InstanceView): string[] => {
  const names = new Set<string>(definition.export);
  return env.filter((entry) => names.has(entry.split('=', 1)[0] ?? ''));
};

/** Every state that holds now: job, instance, and the variables that conditions can ask about. */
export const holdingStates = (jobs: readonly JobView[]): WireTypes['a(ssas)'] =>
  jobs.flatMap((job) =>
    job.instances
      .filter(({ state }) => HOLDING.has(state))
      .map((instance) => [job.name, instance.ref.instance, exported(job, instance)] as const),
  );

/** A `while` expression as text, with parentheses around each operation; empty where there is none. */
export const showStates = (expression: StateExpression | undefined): string =>
  expression ? showExpression(expression) : '';
