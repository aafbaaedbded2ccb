import type { InstanceRef, SessionId } from './input.js';
import { displayName } from './instance.js';
import { failure } from './reply.js';
import { emitEffect, log, sessionOf, type World } from './world.js';

/** How much a session may have at a time of what its jobs and callers can make without end. */
export interface SessionLimits {
  readonly instances: number;
  /** Events that have not finished. Those of jobs count, and are never refused. */
  readonly events: number;
}

const countInstances = (world: World, session: SessionId): number => {
  let count = 0;
  for (const { instances } of sessionOf(world, session).classes.values()) count += instances.size;
  return count;
};

const countEvents = (world: World, session: SessionId): number => {
  let count = 0;
  for (const event of world.events.values()) if (event.session === session) count += 1;
  return count;
};

/** What who wants to start one more instance is told; undefined where it may be. */
export const instanceRefusal = (world: World, session: SessionId) => {
  const { limits } = sessionOf(world, session);
  return limits === undefined || countInstances(world, session) < limits.instances
    ? undefined
    : failure('LimitsExceeded', `The session has ${limits.instances} instances: as many as it may have`);
};

/** Whether there may be this instance, as far as its session goes; if not, it is told. */
export const hasRoomFor = (world: World, ref: InstanceRef): boolean => {
  const jobClass = sessionOf(world, ref.session).classes.get(ref.job);
  if (jobClass?.instances.has(ref.instance)) return true;
  const refusal = instanceRefusal(world, ref.session);
  if (refusal === undefined) return true;
  emitEffect(world, { kind: 'instance-refused', instance: ref });
  log(world, 'info', `${displayName(ref)} not started: ${refusal.message}`, ref);
  return false;
};

/** What who emits one more event is told; undefined where it may be. */
export const eventRefusal = (world: World, session: SessionId) => {
  const { limits } = sessionOf(world, session);
  return limits === undefined || countEvents(world, session) < limits.events
    ? undefined
    : failure('LimitsExceeded', `The session has ${limits.events} unfinished events: as many as it may have`);
};
