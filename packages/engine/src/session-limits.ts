import type { Environment } from './environment.js';
import type { InstanceRef, SessionId } from './input.js';
import { displayName } from './instance.js';
import { failure } from './reply.js';
import { emitEffect, log, sessionOf, type World } from './world.js';

/** How much a session may have at a time of what its jobs and callers can make without end. */
export interface SessionLimits {
  readonly instances: number;
  /** Events that have not finished. Those of jobs count, and are never refused. */
  readonly events: number;
  /**
   * Bytes of the environment that one event or one command brings, and of the session's table or an instance's environment after
   * a change, each entry with the byte at its end. Absent: as many as there are.
   */
  readonly environmentBytes?: number;
  /**
   * How many respawns of all its instances together: so many at once, and so many more in each second. What is beyond waits, as with
   * `respawn backoff`; with the original's rules nothing waits. Absent: as many as there are.
   */
  readonly respawns?: { readonly burst: number; readonly perSecond: number };
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

/** As UTF-8. A lone surrogate stands for something else, which is no longer. */
const bytesOf = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else bytes += code < 0x10000 ? 3 : 4;
  }
  return bytes;
};

const sizeOf = (env: Environment): number => env.reduce((bytes, entry) => bytes + bytesOf(entry) + 1, 0);

/**
 * What who brings an environment, or changes one, is told; undefined where it may be.
 * @param before what it is a change of: one that was too large already may still become smaller
 */
export const environmentRefusal = (world: World, session: SessionId, env: Environment, before: Environment = []) => {
  const most = sessionOf(world, session).limits?.environmentBytes;
  if (most === undefined) return undefined;
  const bytes = sizeOf(env);
  return bytes <= most || bytes <= sizeOf(before)
    ? undefined
    : failure('LimitsExceeded', `An environment of ${bytes} bytes: in this session it may have ${most}`);
};
