import { matchedOperands, type Part } from './completion.js';
import type { Definition } from './definition.js';
import { type Environment, has } from './environment.js';
import type { QueuedEvent } from './event.js';
import { ofSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { listenersOf } from './listener-index.js';
import { NO_VARIABLES } from './matching.js';
import {
  allRecords,
  forgetAll,
  type HeldHook,
  holdHook,
  keepRecord,
  type OperandMemory,
  operandAt,
  type Records,
  releaseHooks,
  type StartMemory,
} from './memory.js';
import { instanceName, startEnvironment } from './naming.js';
import { log, sessionOf, type World } from './world.js';

/** What a class remembers for `start on`: by the instance that an event names, or for all. @see spec: semantics.md E8, E9 */

const MOST_NAMES = 1024;

/** The instance that an event names; `undefined` for an event that is common to all. */
export const nameGivenBy = (world: World, jobClass: JobClass, env: Environment): string | undefined => {
  const { definition, session } = jobClass;
  const { instanceVariables } = definition;
  if (instanceVariables.length === 0) return definition.conf.instance;
  if (!instanceVariables.some((name) => has(env, name))) return undefined;
  const name = instanceName(definition, startEnvironment(world, session, definition, env));
  return name.ok ? name.value : undefined;
};

/** The records for one instance. */
export const recordsFor = (world: World, jobClass: JobClass, instance: string): Records => {
  const { named } = jobClass.startMemory;
  const known = named.get(instance);
  if (known) return known;
  const [oldest] = named.keys();
  if (named.size >= MOST_NAMES && oldest !== undefined) {
    const name = `${jobClass.name}${ofSession(jobClass.session)}`;
    const message = `${name} remembers events for ${MOST_NAMES} instances, forgetting those for ${oldest}`;
    log(world, 'warn', message, jobClass.session);
    forgetFor(world, jobClass, oldest);
  }
  const records: Records = [];
  named.set(instance, records);
  return records;
};

/** Forget what was remembered for one instance. */
export const forgetFor = (world: World, jobClass: JobClass, name: string): void => {
  const { named } = jobClass.startMemory;
  const records = named.get(name);
  if (!records) return;
  named.delete(name);
  forgetAll(world, records);
};

const forgetEverything = (world: World, memory: StartMemory): void => {
  for (const records of allRecords(memory)) forgetAll(world, records);
};

/** No operand of any job of its session holds the hook any more. */
export const dropHook = (world: World, event: QueuedEvent): void => {
  if (event.operands === 0) return;
  const holders = [...listenersOf(sessionOf(world, event.session), event.name, event.env)];
  for (const jobClass of holders.sort((a, b) => a.order - b.order)) {
    letGoOfHook(world, jobClass, event.id);
    for (const instance of jobClass.instances.values()) {
      for (const memory of instance.stopMemory) releaseHooks(world, memory, event.id);
    }
  }
};

/** The operands of a class's `start on` let go of a hook. */
export const letGoOfHook = (world: World, jobClass: JobClass, event: number): void => {
  for (const records of allRecords(jobClass.startMemory)) {
    for (const memory of records) releaseHooks(world, memory, event);
  }
};

const recordsBy = (world: World, jobClass: JobClass, env: Environment): Records => {
  const name = nameGivenBy(world, jobClass, env);
  return name === undefined ? jobClass.startMemory.common : recordsFor(world, jobClass, name);
};

/** The places in a class's memory for what matches its present condition. */
const placesFor = (world: World, jobClass: JobClass, seen: Part): OperandMemory[] => {
  const { startOn } = jobClass.definition;
  if (!startOn) return [];
  const operands = matchedOperands(startOn, seen, NO_VARIABLES);
  return operands.map((operand) => operandAt(recordsBy(world, jobClass, seen.env), operand));
};

/** Hand a hook over, with the time that it has left; a second operand that wants it holds it besides. */
const inheritHook = (world: World, places: readonly OperandMemory[], hook: HeldHook) => {
  const event = world.events.get(hook.event);
  const [first, ...others] = places;
  if (!event || !first) return releaseHooks(world, { record: undefined, hooks: [hook] });
  first.hooks.push(hook);
  for (const place of others) holdHook(place, event, undefined);
};

const inheritFrom = (world: World, jobClass: JobClass, old: StartMemory): void => {
  for (const { record, hooks } of allRecords(old).flat()) {
    if (record) for (const place of placesFor(world, jobClass, record)) keepRecord(world, place, record);
    for (const hook of hooks.splice(0)) {
      const event = world.events.get(hook.event);
      inheritHook(world, event ? placesFor(world, jobClass, event) : [], hook);
    }
  }
};

/** Replace the definition; what the old one remembers is offered to the new one (rule E8). */
export const inheritMemory = (world: World, jobClass: JobClass, definition: Definition): void => {
  const old = jobClass.startMemory;
  jobClass.definition = definition;
  jobClass.startMemory = { named: new Map(), common: [] };
  inheritFrom(world, jobClass, old);
  forgetEverything(world, old);
};

/** A job whose file is gone remembers nothing (rule E8). */
export const forgetClass = (world: World, jobClass: JobClass): void => {
  forgetEverything(world, jobClass.startMemory);
  jobClass.startMemory = { named: new Map(), common: [] };
};
