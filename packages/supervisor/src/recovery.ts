import { type JobDefinition, PROCESS_ROLES, type ProcessRole } from '@maverick/conf';
import { type AdoptedInstance, displayName, SYSTEM } from '@maverick/engine';
import type { UnstampedInput } from './engine-loop.js';
import type { LostRun } from './lost-run.js';
import type { RunningProcess } from './process-table.js';
import type { MarkedProcess } from './survivors.js';

/** A job as its files define it. */
export interface DefinedJob {
  readonly name: string;
  readonly definition: JobDefinition;
}

/** A living process that is an instance's own. */
interface FoundProcess extends RunningProcess {
  readonly startTime: number;
}

/** What can be made of a lost run. */
export interface Recovery {
  readonly input: Extract<UnstampedInput, { readonly kind: 'adopt-jobs' }>;
  readonly processes: readonly FoundProcess[];
  /** What lives on without a supervisor, in words. */
  readonly left: readonly string[];
}

/** What the supervisor adds for one process, or for itself: the next one gets its own. */
const NOT_OF_JOB =
  /^(UPSTART_(RUN|JOB|INSTANCE|SESSION|FDS|NO_SESSIONS)|NOTIFY_SOCKET|WATCHDOG_(USEC|PID)|LISTEN_(FDS|PID))=/;

/** A main process that may be another than the one that was started: it forks away, or names another. */
const MAY_MOVE: ReadonlySet<string> = new Set(['fork', 'daemon', 'notify']);

/** What runs beside a main process, and not before or after it. */
const BESIDE_MAIN: ReadonlySet<string> = new Set<ProcessRole>(['post-start', 'pre-stop']);

const isRole = (text: string): text is ProcessRole => (PROCESS_ROLES as readonly string[]).includes(text);

const valueIn = (env: readonly string[], name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

const instanceKey = ({ env }: MarkedProcess): string =>
  JSON.stringify([valueIn(env, 'UPSTART_JOB'), valueIn(env, 'UPSTART_INSTANCE') ?? '']);

const groupBy = <K, V>(values: readonly V[], keyOf: (value: V) => K): ReadonlyMap<K, readonly V[]> => {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
};

/** Who is the process that was started, and not only a descendant of it. */
const ownOf = (family: readonly MarkedProcess[], definition: JobDefinition): MarkedProcess[] => {
  const [oldest] = family;
  if (oldest === undefined || !isRole(oldest.role)) return [];
  return oldest.leads || (oldest.role === 'main' && MAY_MOVE.has(definition.expect)) ? [oldest] : [];
};

/** The processes of one instance that can be there together: the one that was started last, and a main process beside it. */
const present = (all: readonly MarkedProcess[], definition: JobDefinition): readonly MarkedProcess[] => {
  const own = [...groupBy(all, ({ process }) => process).values()]
    .flatMap((family) => ownOf(family, definition))
    .sort((a, b) => a.process - b.process);
  const last = own.at(-1);
  if (last === undefined) return [];
  const main = BESIDE_MAIN.has(last.role) ? own.findLast(({ role }) => role === 'main') : undefined;
  return main === undefined ? [last] : [main, last];
};

const nameOf = (job: string, instance: string, { role, pid }: MarkedProcess): string =>
  `${displayName({ session: SYSTEM, job, instance })} ${role} process (${pid})`;

const leftOf = (job: string, instance: string, all: readonly MarkedProcess[], definition?: JobDefinition): string[] => {
  const taken = new Set(definition === undefined ? [] : present(all, definition).map(({ process }) => process));
  return all
    .filter(({ process }) => !taken.has(process))
    .map((survivor) => {
      const name = nameOf(job, instance, survivor);
      if (definition === undefined) return `${name} lives, but its job is not defined any more: it is not supervised`;
      return `${name} lives, but was left by one that has ended: it is not supervised`;
    });
};

/** Which instances the living processes of a run are, as far as jobs define them. */
export const planRecovery = ({ processes: all }: LostRun, jobs: readonly DefinedJob[]): Recovery => {
  const definitions = new Map(jobs.map(({ name, definition }) => [name, definition]));
  const instances = new Map<string, AdoptedInstance[]>();
  const processes: FoundProcess[] = [];
  const left: string[] = [];
  for (const [key, group] of groupBy(all, instanceKey)) {
    const [job, instance]: readonly [string | null, string] = JSON.parse(key);
    const definition = definitions.get(job ?? '');
    left.push(...leftOf(job ?? 'unknown', instance, group, definition));
    const own = definition === undefined ? [] : present(group, definition);
    const [first] = own;
    if (job === null || first === undefined) continue;
    const found = own.map(({ process, pid, startTime, role }) => ({
      process,
      pid,
      startTime,
      role: role as ProcessRole,
      instance: { session: SYSTEM, job, instance },
    }));
    processes.push(...found);
    const env = first.env.filter((entry) => !NOT_OF_JOB.test(entry));
    const adopted = { instance, env, processes: found.map(({ process, role, pid }) => ({ process, role, pid })) };
    instances.set(job, [...(instances.get(job) ?? []), adopted]);
  }
  return {
    input: {
      kind: 'adopt-jobs',
      session: SYSTEM,
      jobs: jobs.map(({ name, definition }) => ({ name, definition, instances: instances.get(name) ?? [] })),
      nextProcess: Math.max(0, ...all.map(({ process }) => process)) + 1,
    },
    processes,
    left,
  };
};
