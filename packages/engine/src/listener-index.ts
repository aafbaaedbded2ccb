import { type Environment, valueIn, valuePart } from './environment.js';
import type { Condition, Operand } from './event-operator.js';
import type { JobClass, Session } from './job-class.js';

/**
 * Which classes may want an event. Thousands of jobs may wait for `started`, each for that of another job; so an operand is
 * filed under the job or first value that it asks for, where that is written out, and under the bare name else.
 */

const SEPARATOR = '\n';
const PATTERN = /[*?[\\$]/;

const byFirstValue = (name: string, value: string): string => `${name}${SEPARATOR}${value}`;
const byJob = (name: string, job: string): string => `${name}${SEPARATOR}JOB=${job}`;

/** Where an operand is filed. */
const keyOf = ({ name, patterns }: Operand): string => {
  const [first] = patterns;
  if (first && first.key === undefined && !PATTERN.test(first.value)) return byFirstValue(name, first.value);
  const job = patterns.find(({ key, negated }) => key === 'JOB' && !negated);
  return job && !PATTERN.test(job.value) ? byJob(name, job.value) : name;
};

/** All keys of a condition. */
export const listenerKeys = (condition: Condition | undefined): string[] => condition?.operands.map(keyOf) ?? [];

/** The classes of a session of which an operand may match the event; not in any order. */
export const listenersOf = (session: Session, name: string, env: Environment): ReadonlySet<JobClass> => {
  const { listeners } = session;
  if (listeners.size === 0) return NOBODY;
  const [first] = env;
  const job = valueIn(env, 'JOB');
  const sets = [
    listeners.get(name),
    first === undefined ? undefined : listeners.get(byFirstValue(name, valuePart(first))),
    job === undefined ? undefined : listeners.get(byJob(name, job)),
  ].filter((set) => set !== undefined);
  if (sets.length < 2) return sets[0] ?? NOBODY;
  return new Set(sets.flatMap((set) => [...set]));
};

const NOBODY: ReadonlySet<JobClass> = new Set();
