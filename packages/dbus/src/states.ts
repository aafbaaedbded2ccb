import type { StateExpression } from '@maverick/conf';
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

/** A `while` expression as text, with parentheses around each operation. No recursion: it may be as deep as a file is long. */
export const showStates = (expression: StateExpression | undefined): string => {
  const out: string[] = [];
  const pending: (StateExpression | string)[] = expression ? [expression] : [];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (typeof part === 'string') out.push(part);
    else if (part.kind === 'term') out.push([part.job, ...part.args].join(' '));
    else if (part.kind === 'not') pending.push(part.operand, 'not ');
    else pending.push(')', part.right, ` ${part.kind} `, part.left, '(');
  }
  return out.join('');
};
