import type { QueuedEvent } from './event.js';
import type { TimerId } from './input.js';
import { displayName, type Instance, ofSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { releaseHooks } from './memory.js';
import type { OwnTimer } from './rules.js';
import { letGoOfHook } from './start-memory.js';
import { emitEffect, log, sessionOf, setTimer, type World } from './world.js';

/** A hook that half a condition holds is let go after a while (rule E7). */

/** Set the timer for a hook that an operand begins to hold; none where it may be held for ever. */
export const timeHook = (
  world: World,
  jobClass: JobClass,
  event: QueuedEvent,
  instance: Instance | undefined,
): TimerId | undefined => {
  const emitter = event.hookOf === undefined ? undefined : world.instances.get(event.hookOf);
  const own = emitter?.definition.conf.eventTimeoutSeconds;
  const limit = own === undefined ? world.hookTimeoutMs : own * 1000;
  if (limit === 0) return undefined;
  const { session, name: job } = jobClass;
  return setTimer(world, world.now + limit, {
    kind: 'hook',
    event: event.id,
    session,
    job,
    ...(instance ? { instance: instance.id } : {}),
  });
};

/** The operands of a condition that wait for something, by event name. */
const missing = (jobClass: JobClass, instance: Instance | undefined): string => {
  const condition = instance ? instance.definition.stopOn : jobClass.definition.startOn;
  const { named, common } = jobClass.startMemory;
  const lists = instance ? [instance.stopMemory] : [...named.values(), common];
  const names = condition?.operands.filter((_operand, index) => !lists.some((records) => records[index]?.record));
  return [...new Set(names?.map(({ name }) => name))].join(', ');
};

/** The time of a hook is over. */
export const hookTimedOut = (world: World, purpose: Extract<OwnTimer, { kind: 'hook' }>): void => {
  const event = world.events.get(purpose.event);
  const jobClass = sessionOf(world, purpose.session).classes.get(purpose.job);
  const emitter = event?.hookOf === undefined ? undefined : world.instances.get(event.hookOf);
  if (!event || !jobClass || !emitter) return;
  const instance = purpose.instance === undefined ? undefined : world.instances.get(purpose.instance);
  const { session, name: job } = jobClass;
  emitEffect(world, { kind: 'hook-timed-out', session, job, event: event.id, name: event.name, hook: emitter.ref });
  const what = `${event.name} ${displayName(emitter.ref)}`;
  log(
    world,
    'warn',
    `${job}${ofSession(session)} held ${what} too long, let go; still missing: ${missing(jobClass, instance)}`,
    session,
  );
  if (instance) for (const memory of instance.stopMemory) releaseHooks(world, memory, event.id);
  else letGoOfHook(world, jobClass, event.id);
};
