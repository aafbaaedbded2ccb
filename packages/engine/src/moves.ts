import { type ExitStatus, type JobDefinition, matchGlob, type ProcessRole } from '@maverick/conf';
import { compileDefinition, type Definition } from './definition.js';
import type { Engine } from './engine.js';
import type { Operand } from './event-operator.js';
import { JOB_EVENTS } from './explain-condition.js';
import { type Input, type InstanceRef, type ProcessId, SYSTEM } from './input.js';
import type { EngineSnapshot } from './snapshot.js';

/** Something that can happen to a set of jobs. */
export type Move =
  | { readonly kind: 'emit'; readonly name: string; readonly env: readonly string[] }
  | {
      readonly kind: 'start' | 'stop';
      readonly job: string;
      readonly instance?: string;
      readonly env?: readonly string[];
    }
  | {
      readonly kind: 'process';
      readonly instance: InstanceRef;
      readonly role: ProcessRole;
      readonly does: 'ends' | 'fails' | 'is ready';
    }
  /** A wait before a respawn is over. */
  | { readonly kind: 'respawn'; readonly instance: InstanceRef };

/** A value that a pattern matches; what it matches besides is left out. */
const valueFor = (pattern: string): string =>
  pattern.replace(/\$\{?\w*\}?|[*?]/g, 'x').replace(/\[!?\^?(.)[^\]]*\]/g, '$1');

const otherThan = (pattern: string): string => (matchGlob(pattern, 'other') ? 'another' : 'other');

/** An event that an operand is met by; variables that it does not name have a value of their own each. */
const eventFor = ({ name, patterns }: Operand, variables: readonly string[]): Extract<Move, { kind: 'emit' }> => {
  const env = patterns.map(({ key, negated, value }, place) => {
    const one = negated ? otherThan(value) : valueFor(value);
    return `${key ?? `ARG${place}`}=${one}`;
  });
  const named = new Set(env.map((entry) => entry.slice(0, entry.indexOf('='))));
  const more = variables.filter((key) => !named.has(key)).map((key) => `${key}=x`);
  return { kind: 'emit', name, env: [...env, ...more] };
};

const operandsOf = ({ startOn, stopOn }: Definition): readonly Operand[] => [
  ...(startOn?.operands ?? []),
  ...(stopOn?.operands ?? []),
];

/** What can come from outside at any time, whatever the state. */
export const outsideMoves = (jobs: Readonly<Record<string, JobDefinition>>): readonly Move[] => {
  const compiled = Object.entries(jobs).map(([job, definition]) => ({ job, ...compileDefinition(definition) }));
  const variables = [...new Set(compiled.flatMap(({ instanceVariables }) => instanceVariables))];
  const events = new Map(
    compiled
      .flatMap(operandsOf)
      .filter(({ name }) => !JOB_EVENTS.has(name))
      .map((operand) => eventFor(operand, variables))
      .map((move) => [JSON.stringify(move), move]),
  );
  const starts = compiled.map(
    ({ job, instanceVariables }): Move => ({ kind: 'start', job, env: instanceVariables.map((key) => `${key}=x`) }),
  );
  return [...events.values(), ...starts];
};

const REFERENCE = /\$\{?(\w+)/g;

/** The variables that decide about what happens; undefined: all may. */
export const variablesThatMatter = (jobs: Readonly<Record<string, JobDefinition>>): ReadonlySet<string> | undefined => {
  const compiled = Object.values(jobs).map(compileDefinition);
  const operands = compiled.flatMap(operandsOf);
  // The first argument of a job's event is the job.
  const isByPlace = ({ name, patterns }: Operand): boolean =>
    patterns.some(({ key }, place) => key === undefined && (place > 0 || !JOB_EVENTS.has(name)));
  if (operands.some(isByPlace)) return undefined;
  const ofStates = compiled.flatMap((one) => one.while?.terms.flatMap((term) => term.patterns) ?? []);
  const patterns = [...operands.flatMap((operand) => operand.patterns), ...ofStates];
  const named = patterns.flatMap(({ key, value }) => [
    ...(key === undefined ? [] : [key]),
    ...[...value.matchAll(REFERENCE)].flatMap(([, name]) => name ?? []),
  ]);
  return new Set(['JOB', 'INSTANCE', ...named, ...compiled.flatMap((one) => one.instanceVariables)]);
};

/** What can happen in a state besides. */
export const inside = (engine: Engine, { processes, timers, sessions }: EngineSnapshot): Move[] => {
  const told = new Set(processes.filter(({ signalled }) => signalled).map(({ id }) => id));
  const backoffs = new Set(timers.flatMap(({ purpose }) => (purpose.kind === 'backoff' ? [purpose.instance] : [])));
  const waiting = sessions.flatMap(({ classes }) =>
    classes.flatMap(({ name: job, instances }) =>
      instances
        .filter(({ id }) => backoffs.has(id))
        .map(({ name }): Move => ({ kind: 'respawn', instance: { session: SYSTEM, job, instance: name } })),
    ),
  );
  const ofInstances = engine.jobs(SYSTEM).flatMap(({ name: job, definition, instances }) =>
    instances.flatMap(({ ref, goal, state, processes: live }) => [
      ...(goal === 'start' ? [{ kind: 'stop', job, instance: ref.instance } as const] : []),
      ...live.flatMap(({ role, process }): Move[] => {
        const isComing = role === 'main' && state === 'spawned' && definition.expect !== 'none';
        const fates = told.has(process) ? (['ends'] as const) : (['ends', 'fails'] as const);
        return [...(isComing ? (['is ready'] as const) : []), ...fates].map((does) => ({
          kind: 'process',
          instance: ref,
          role,
          does,
        }));
      }),
    ]),
  );
  return [...ofInstances, ...waiting];
};

const processOf = (engine: Engine, { session, job, instance }: InstanceRef, role: ProcessRole): ProcessId =>
  engine.instance(session, job, instance)?.processes.find((process) => process.role === role)?.process ?? 0;

const STATUS = {
  ends: { kind: 'exited', code: 0 },
  fails: { kind: 'exited', code: 1 },
} as const satisfies Record<'ends' | 'fails', ExitStatus>;

const timerOf = ({ timers, sessions }: EngineSnapshot, ref: InstanceRef): number => {
  const known = sessions.flatMap(({ classes }) => classes.filter(({ name }) => name === ref.job));
  const found = known.flatMap(({ instances }) => instances).find(({ name }) => name === ref.instance);
  return timers.find(({ purpose }) => purpose.kind === 'backoff' && purpose.instance === found?.id)?.id ?? 0;
};

const SIGSTOP = 19;

const readiness = (engine: Engine, instance: InstanceRef, process: ProcessId, at: number): Input =>
  engine.definitionOf(instance)?.expect === 'stop'
    ? { kind: 'process-stopped', at, process, signal: SIGSTOP }
    : { kind: 'process-ready', at, process };

/** A move as what the engine is told. Nobody waits for an answer, and no time passes. */
export const inputOf = (engine: Engine, snapshot: EngineSnapshot, move: Move, request: number): Input => {
  const at = snapshot.now;
  switch (move.kind) {
    case 'emit':
      return { ...move, at, session: SYSTEM };
    case 'start':
    case 'stop':
      return { ...move, at, session: SYSTEM, request, wait: false };
    case 'respawn':
      return { kind: 'timer-fired', at, timer: timerOf(snapshot, move.instance) };
    case 'process': {
      const process = processOf(engine, move.instance, move.role);
      if (move.does === 'is ready') return readiness(engine, move.instance, process, at);
      return { kind: 'process-exited', at, process, status: STATUS[move.does] };
    }
  }
};

const nameOf = ({ job, instance }: InstanceRef): string => (instance === '' ? job : `${job} (${instance})`);

/** `event startup`, `start of db`, `the main process of db fails`. */
export const moveInWords = (move: Move): string => {
  switch (move.kind) {
    case 'emit':
      return `event ${[move.name, ...move.env].join(' ')}`;
    case 'start':
    case 'stop':
      return `${move.kind} of ${nameOf({ session: SYSTEM, job: move.job, instance: move.instance ?? '' })}${(move.env ?? []).map((entry) => ` ${entry}`).join('')}`;
    case 'process':
      return `the ${move.role} process of ${nameOf(move.instance)} ${move.does}`;
    case 'respawn':
      return `the wait before the respawn of ${nameOf(move.instance)} is over`;
  }
};
