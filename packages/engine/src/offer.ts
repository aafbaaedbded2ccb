import { instanceOf } from './class-registry.js';
import { type Completion, complete, matchedOperands, takesPart } from './completion.js';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import { timeHook } from './hook-timeout.js';
import { displayName, type Instance, ofSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { NO_VARIABLES } from './matching.js';
import { forgetOperand, holdHook, operandAt, type Records, releaseHooks, remember } from './memory.js';
import { instanceName, lookup, startEnvironment } from './naming.js';
import { eventEnvironment } from './operand-holds.js';
import { type Origin, originOfEvent, withOrigin } from './origin.js';
import { giveFds } from './process.js';
import { isOnItsWayUp, restartInstance, startInstance, stopInstance } from './run.js';
import { forgetFor, nameGivenBy, recordsFor } from './start-memory.js';
import { mayStart } from './starts.js';
import { guardHolds } from './states.js';
import { waitAsEvent } from './waiters.js';
import { causedByInstance, dropFds, emitEffect, log, type World } from './world.js';

/**
 * An event offered to one class in Maverick's semantics.
 * @see spec: semantics.md section 1, R5, S5
 */
export const offer = (world: World, jobClass: JobClass, event: QueuedEvent): void => {
  for (const instance of [...jobClass.instances.values()]) offerToStop(world, instance, event);
  offerToStart(world, jobClass, event);
};

/** Keep an event at the operands that it matches; a hook is held there. */
const keep = (
  world: World,
  jobClass: JobClass,
  records: Records,
  matched: readonly number[],
  event: QueuedEvent,
  instance?: Instance,
): void => {
  for (const operand of matched) {
    const memory = operandAt(records, operand);
    remember(world, memory, event);
    // Jobs of one session do not hold up events of another.
    if (event.hookOf === undefined || event.session !== jobClass.session) continue;
    holdHook(memory, event, timeHook(world, jobClass, event, instance));
  }
};

/** The hooks that the condition held, then the event that completed it. */
const waitAll = (
  world: World,
  instance: Instance,
  { hooks }: Completion,
  event: QueuedEvent,
  want: 'up' | 'down',
): void => {
  for (const id of hooks) {
    const hook = world.events.get(id);
    if (hook) waitAsEvent(world, instance, hook, want);
  }
  waitAsEvent(world, instance, event, want);
};

const offerToStop = (world: World, instance: Instance, event: QueuedEvent): void => {
  const { stopOn } = instance.definition;
  // Asked first: a class may have thousands of instances, and be offered what concerns only its starts.
  if (!stopOn?.byName.has(event.name)) return;
  const matched = matchedOperands(stopOn, event, lookup(instance.env));
  if (matched.length === 0) return;
  const isStopping = instance.goal === 'stop';
  const completion = complete(stopOn, event, matched, isStopping ? [] : [instance.stopMemory]);
  if (isStopping) {
    if (completion) waitAsEvent(world, instance, event, 'down');
    return;
  }
  if (!completion) {
    keep(world, instance.jobClass, instance.stopMemory, matched, event, instance);
    return;
  }
  causedByInstance(world, instance.ref, () => stopOrRestart(world, instance, event, completion));
};

const stopOrRestart = (world: World, instance: Instance, event: QueuedEvent, completion: Completion): void => {
  const start = startOf(world, instance, event);
  if (start && mayStart(world, instance.ref)) {
    restartInstance(world, instance, start.request);
    handOver(world, instance, start.completion);
    waitAll(world, instance, { ...completion, hooks: [...completion.hooks, ...start.completion.hooks] }, event, 'up');
    return;
  }
  instance.stopEnv = eventEnvironment(completion.parts, 'UPSTART_STOP_EVENTS');
  stopInstance(world, instance);
  waitAll(world, instance, completion, event, 'down');
};

interface Start {
  readonly completion: Completion;
  readonly request: Environment;
}

/** The start that an event would make of an instance, if it were not wanted already (rule R5). */
const startOf = (world: World, instance: Instance, event: QueuedEvent): Start | undefined => {
  const { jobClass, ref } = instance;
  const { definition, deleted, startMemory } = jobClass;
  const { startOn } = definition;
  if (!startOn || deleted || world.quiesce) return undefined;
  const matched = matchedOperands(startOn, event, NO_VARIABLES);
  const completion = complete(startOn, event, matched, [startMemory.named.get(ref.instance) ?? [], startMemory.common]);
  if (!completion) return undefined;
  const request = eventEnvironment(completion.parts, 'UPSTART_EVENTS');
  const name = instanceName(definition, startEnvironment(world, jobClass.session, definition, request));
  if (!name.ok || name.value !== ref.instance) return undefined;
  return guardHolds(world, jobClass.session, definition, ref.instance) ? { completion, request } : undefined;
};

const offerToStart = (world: World, jobClass: JobClass, event: QueuedEvent): void => {
  const { startOn } = jobClass.definition;
  if (!startOn || jobClass.deleted) return;
  const matched = matchedOperands(startOn, event, NO_VARIABLES);
  if (matched.length === 0) return;
  const name = nameGivenBy(world, jobClass, event.env);
  if (name === undefined) offerToAll(world, jobClass, event, matched);
  else offerToOne(world, jobClass, name, event, matched);
};

/** An event that names an instance, or that of a job that has only one. */
const offerToOne = (
  world: World,
  jobClass: JobClass,
  name: string,
  event: QueuedEvent,
  matched: readonly number[],
): void => {
  const instance = jobClass.instances.get(name);
  if (instance?.goal === 'start') {
    join(world, instance, event, matched);
    return;
  }
  const { startOn } = jobClass.definition;
  const { named, common } = jobClass.startMemory;
  const completion = startOn && complete(startOn, event, matched, [named.get(name) ?? [], common]);
  if (completion) begin(world, jobClass, event, completion, name);
  else keep(world, jobClass, recordsFor(world, jobClass, name), matched, event);
};

/** An event that is common to all instances: it starts all that it completes, and is kept if it completes none. */
const offerToAll = (world: World, jobClass: JobClass, event: QueuedEvent, matched: readonly number[]): void => {
  for (const instance of [...jobClass.instances.values()]) {
    if (instance.goal === 'start') join(world, instance, event, matched);
  }
  const { startOn } = jobClass.definition;
  if (!startOn) return;
  let completed = false;
  for (const [name, records] of [...jobClass.startMemory.named]) {
    if (jobClass.instances.get(name)?.goal === 'start') continue;
    const completion = complete(startOn, event, matched, [records, jobClass.startMemory.common]);
    // A condition that is true without anything of an instance does not start it.
    if (!completion?.operands.some((operand) => records[operand]?.record)) continue;
    begin(world, jobClass, event, completion, name);
    completed = true;
  }
  const alone = complete(startOn, event, matched, [jobClass.startMemory.common]);
  if (alone) begin(world, jobClass, event, alone, undefined);
  else if (!completed) keep(world, jobClass, jobClass.startMemory.common, matched, event);
};

/** A second starter waits with the first, if the start is as much its own (rule E5). */
const join = (world: World, instance: Instance, event: QueuedEvent, matched: readonly number[]): void => {
  const { startOn } = instance.jobClass.definition;
  if (!startOn || !isOnItsWayUp(instance) || !takesPart(startOn, matched, instance.usedOperands)) return;
  waitAsEvent(world, instance, event, 'up');
};

/** What a start has used up is forgotten, whatever came of the start: all of its instance's own, what counted of the rest. */
const useUp = (world: World, jobClass: JobClass, { parts, hooks }: Completion, name: string | undefined): void => {
  if (name !== undefined) forgetFor(world, jobClass, name);
  for (const memory of jobClass.startMemory.common) {
    if (memory.record && parts.includes(memory.record)) forgetOperand(world, memory);
    else for (const hook of hooks) releaseHooks(world, memory, hook);
  }
};

/** The instance takes over the descriptors of what started it. */
const handOver = (world: World, instance: Instance, completion: Completion): void => {
  instance.usedOperands = completion.operands;
  const fds = completion.parts.flatMap((part) => part.fds);
  if (fds.length > 0) dropFds(world, giveFds(world, instance, fds));
};

/** What completed a condition, and what had been remembered for it. */
const originOfParts = (event: QueuedEvent, parts: Completion['parts']): Origin =>
  originOfEvent(
    event,
    parts.flatMap((part) => (part === event ? [] : { name: part.name, env: part.env, at: part.at })),
  );

/** A condition is complete: start what it names, unless something forbids it. */
const begin = (
  world: World,
  jobClass: JobClass,
  event: QueuedEvent,
  completion: Completion,
  memoryOf: string | undefined,
): void => {
  const instance = startCompleted(world, jobClass, event, completion);
  if (instance) {
    handOver(world, instance, completion);
    waitAll(world, instance, completion, event, 'up');
  }
  useUp(world, jobClass, completion, memoryOf);
};

const startCompleted = (
  world: World,
  jobClass: JobClass,
  event: QueuedEvent,
  { parts }: Completion,
): Instance | undefined => {
  const { definition, session, name: job } = jobClass;
  const request = eventEnvironment(parts, 'UPSTART_EVENTS');
  const name = instanceName(definition, startEnvironment(world, session, definition, request));
  if (!name.ok) {
    const { message } = name.error;
    emitEffect(world, { kind: 'instance-unnamed', session, job, message });
    log(world, 'warn', `Failed to obtain ${job}${ofSession(session)} instance: ${message}`, session);
    return undefined;
  }
  const ref = { session, job, instance: name.value };
  if (!guardHolds(world, session, definition, name.value)) {
    emitEffect(world, { kind: 'start-refused', instance: ref });
    log(world, 'info', `${displayName(ref)} not started, because its while does not hold`, ref);
    return undefined;
  }
  const known = jobClass.instances.get(name.value);
  if (known?.goal === 'start') return undefined;
  if (!mayStart(world, ref)) {
    event.failed = true;
    return undefined;
  }
  const instance = known ?? instanceOf(world, jobClass, name.value);
  instance.override = false;
  withOrigin(world, originOfParts(event, parts), () =>
    causedByInstance(world, ref, () => startInstance(world, instance, request)),
  );
  return instance;
};
