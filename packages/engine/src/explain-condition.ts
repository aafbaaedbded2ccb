import { matchGlob } from '@maverick/conf';
import type { QueuedEvent } from './event.js';
import type { Condition, Operand } from './event-operator.js';
import type {
  ConditionExplanation,
  EventSource,
  HeldHook,
  HoldingCondition,
  OperandExplanation,
} from './explanation.js';
import { type SessionId, SYSTEM } from './input.js';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import type { JobState } from './job-state.js';
import { listenersOf } from './listener-index.js';
import type { HeldHook as Hold, OperandMemory, Records } from './memory.js';
import { sessionOf, type World } from './world.js';

/** What a condition has seen, what it lacks, and who could bring that. */

const MOST_SOURCES = 10;
export const JOB_EVENTS: ReadonlySet<string> = new Set(['starting', 'started', 'stopping', 'stopped']);
const SYSTEM_PREFIX = ':sys:';

export const operandText = ({ name, patterns }: Operand): string =>
  [
    name,
    ...patterns.map(({ key, negated, value }) => (key === undefined ? value : `${key}${negated ? '!' : ''}=${value}`)),
  ].join(' ');

const statesOf = ({ instances }: JobClass): JobState[] => [...instances.values()].map(({ state }) => state);

/** Whether the operand may be about a job of this name: what it says of `JOB`, by name or in the first place. */
export const isAbout = ({ patterns }: Operand, job: string): boolean =>
  patterns.every(
    ({ key, negated, value }, place) =>
      (key === undefined ? place !== 0 : key !== 'JOB') || value.includes('$') || matchGlob(value, job) !== negated,
  );

const classesOf = (world: World, session: SessionId): JobClass[] => [
  ...(world.sessions.get(session)?.classes.values() ?? []),
];

const emittersOf = (world: World, session: SessionId, name: string): EventSource[] =>
  classesOf(world, session)
    .filter(({ definition }) => definition.conf.emits.some((pattern) => matchGlob(pattern, name)))
    .map((jobClass) => ({ kind: 'emits', session, job: jobClass.name, states: statesOf(jobClass) }));

const jobsToldOf = (world: World, session: SessionId, operand: Operand): EventSource[] =>
  classesOf(world, session)
    .filter(({ name }) => isAbout(operand, name))
    .map((jobClass) => ({ kind: 'job-event', job: jobClass.name, states: statesOf(jobClass) }));

/** Who could bring an event. */
export const sourcesOf = (world: World, session: SessionId, operand: Operand): EventSource[] => {
  const { name } = operand;
  const ofSystem = session !== SYSTEM && name.startsWith(SYSTEM_PREFIX);
  const place = ofSystem ? SYSTEM : session;
  const plain = ofSystem ? name.slice(SYSTEM_PREFIX.length) : name;
  const sources = JOB_EVENTS.has(plain) ? jobsToldOf(world, place, operand) : [];
  sources.push(...emittersOf(world, place, plain));
  if (place !== SYSTEM && !JOB_EVENTS.has(plain)) sources.push(...emittersOf(world, SYSTEM, plain));
  return sources.slice(0, MOST_SOURCES);
};

/** What is left of a condition without the operands that are met; empty if it is met. */
export const missingOf = ({ nodes, operands }: Condition, isMet: (operand: number) => boolean): string => {
  const rest: { readonly text: string; readonly kind: 'operand' | 'and' | 'or' }[] = [];
  const MET = { text: '', kind: 'operand' } as const;
  for (const node of nodes) {
    if (node.kind === 'operand') {
      const operand = operands[node.operand];
      rest.push(isMet(node.operand) || !operand ? MET : { text: operandText(operand), kind: 'operand' });
      continue;
    }
    const [left, right] = [rest[node.left] ?? MET, rest[node.right] ?? MET];
    const isOver = left.text === '' || right.text === '';
    if (node.kind === 'or' && isOver) rest.push(MET);
    else if (isOver) rest.push(left.text === '' ? right : left);
    else {
      const texts = [left, right].map(({ text, kind }) =>
        kind === 'operand' || kind === node.kind ? text : `(${text})`,
      );
      rest.push({ text: texts.join(` ${node.kind} `), kind: node.kind });
    }
  }
  return rest.at(-1)?.text ?? '';
};

const heldHook = (world: World, { event: id, timer }: Hold): HeldHook[] => {
  const event = world.events.get(id);
  if (!event) return [];
  const hook = event.hookOf === undefined ? undefined : world.instances.get(event.hookOf)?.ref;
  const until = timer === undefined ? undefined : world.timers.get(timer)?.dueAt;
  const more = { ...(hook ? { hook } : {}), ...(until === undefined ? {} : { until }) };
  return [{ event: id, name: event.name, since: event.at, ...more }];
};

/** What the operands of a condition have seen: kept in memories, or (original's semantics) held. */
interface Seen {
  readonly lists: readonly Records[];
  readonly holds: readonly number[];
}

const memoriesAt = ({ lists }: Seen, operand: number): OperandMemory[] => lists.flatMap((list) => list[operand] ?? []);

const seenAt = (world: World, seen: Seen, operand: number): OperandExplanation['seen'] => {
  const records = memoriesAt(seen, operand).flatMap(({ record }) => record ?? []);
  const [newest] = records.sort((a, b) => b.event - a.event);
  const found = newest ?? world.events.get(seen.holds[operand] ?? 0);
  return found && { name: found.name, env: found.env, at: found.at };
};

const explainOperand = (world: World, session: SessionId, operand: Operand, index: number, seen: Seen) => {
  const met = seenAt(world, seen, index);
  const held = memoriesAt(seen, index).flatMap(({ hooks }) => hooks.flatMap((hook) => heldHook(world, hook)));
  const upstart = world.events.get(seen.holds[index] ?? 0);
  return {
    text: operandText(operand),
    met: met !== undefined,
    ...(met ? { seen: met } : {}),
    holds: upstart ? [...held, ...heldHook(world, { event: upstart.id, timer: undefined })] : held,
    sources: met ? [] : sourcesOf(world, session, operand),
  } satisfies OperandExplanation;
};

const explainCondition = (
  world: World,
  session: SessionId,
  condition: Condition,
  seen: Seen,
  instance?: string,
): ConditionExplanation => {
  const operands = condition.operands.map((operand, index) => explainOperand(world, session, operand, index, seen));
  return {
    ...(instance === undefined ? {} : { instance }),
    operands,
    missing: missingOf(condition, (operand) => operands[operand]?.met === true),
  };
};

/** How far the `start on` of a class has come: for what is common to all instances, and for each that was named. */
export const explainStartOn = (world: World, jobClass: JobClass): ConditionExplanation[] => {
  const { definition, session, startMemory, startHolds } = jobClass;
  const { startOn, instanceVariables } = definition;
  if (!startOn) return [];
  const { named, common } = startMemory;
  const of = (lists: readonly Records[], name?: string) =>
    explainCondition(world, session, startOn, { lists, holds: startHolds }, name);
  if (instanceVariables.length === 0) return [of([...named.values(), common])];
  return [of([common]), ...[...named].map(([name, records]) => of([records, common], name))];
};

export const explainStopOn = (world: World, instance: Instance): ConditionExplanation | undefined => {
  const { definition, ref, stopMemory, stopHolds } = instance;
  const { stopOn } = definition;
  return stopOn && explainCondition(world, ref.session, stopOn, { lists: [stopMemory], holds: stopHolds });
};

/** The half-met conditions that hold an event. */
export const conditionsHolding = (world: World, event: QueuedEvent): HoldingCondition[] => {
  if (event.operands === 0) return [];
  const classes = [...listenersOf(sessionOf(world, event.session), event.name, event.env)];
  const holding = (job: string, condition: ConditionExplanation, instance?: string): HoldingCondition[] => {
    const [hold] = condition.operands.flatMap(({ holds }) => holds.filter((held) => held.event === event.id));
    return hold ? [{ ...hold, job, missing: condition.missing, ...(instance === undefined ? {} : { instance }) }] : [];
  };
  return classes
    .sort((a, b) => a.order - b.order)
    .flatMap((jobClass) => [
      ...explainStartOn(world, jobClass).flatMap((condition) => holding(jobClass.name, condition)),
      ...[...jobClass.instances.values()].flatMap((instance) => {
        const condition = explainStopOn(world, instance);
        return condition ? holding(jobClass.name, condition, instance.ref.instance) : [];
      }),
    ]);
};
