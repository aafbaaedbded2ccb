import { displayName, type Instance } from './instance.js';
import { advance } from './transition.js';
import { touchDependants } from './while-index.js';
import { clearTimer, emitEffect, log, sessionOf, setTimer, type World } from './world.js';

/**
 * `respawn backoff`, and the turn of a session's: the wait before a respawn. It is spent in `post-stop`, when its process has ended, and the state that
 * the job is does not hold meanwhile.
 * @see spec: semantics.md T2, S9
 */

/** The wait before the next respawn, milliseconds: twice the last one, from the beginning after a long time up. */
const nextWait = ({ definition, backoffMs, upSince }: Instance, now: number): number => {
  const { respawnBackoff } = definition.conf;
  if (!respawnBackoff) return 0;
  const [initial, most] = [respawnBackoff.initialSeconds * 1000, respawnBackoff.maxSeconds * 1000];
  const wasStable = upSince !== undefined && now - upSince >= most;
  return Math.min(wasStable || backoffMs === 0 ? initial : backoffMs * 2, most);
};

/**
 * The wait for a turn, milliseconds, where a session may have so many respawns and no more: each has a turn of its own, as far
 * from the last one as the rate says, and as many turns as may be taken at once are there if none was.
 */
const turnWait = (world: World, { ref }: Instance): number => {
  const session = sessionOf(world, ref.session);
  const respawns = session.limits?.respawns;
  if (respawns === undefined) return 0;
  const distance = 1000 / respawns.perSecond;
  session.respawnsAt = Math.max(session.respawnsAt, world.now - respawns.burst * distance) + distance;
  return Math.max(0, Math.ceil(session.respawnsAt - world.now));
};

/** The main process has died and will be respawned: note how long after. */
export const planBackoff = (world: World, instance: Instance): void => {
  instance.backoffMs = Math.max(nextWait(instance, world.now), turnWait(world, instance));
  if (instance.backoffMs > 0) instance.backoff = 'due';
  instance.upSince = undefined;
};

/** Whether the respawn has to wait; begins the wait. */
export const awaitsBackoff = (world: World, instance: Instance): boolean => {
  if (instance.backoff !== 'due') return instance.backoff !== undefined;
  const dueAt = world.now + instance.backoffMs;
  instance.backoff = setTimer(world, dueAt, { kind: 'backoff', instance: instance.id });
  instance.up = false;
  touchDependants(world, instance);
  emitEffect(world, { kind: 'respawn-delayed', instance: instance.ref, dueAt });
  const name = displayName(instance.ref);
  const seconds = instance.backoffMs / 1000;
  log(world, 'info', `${name} respawns in ${seconds} second${seconds === 1 ? '' : 's'}`, instance.ref);
  return true;
};

export const backoffOver = (world: World, instance: Instance): void => {
  instance.backoff = undefined;
  advance(world, instance);
};

/** There is no respawn to wait for any more. What waited goes on when all that asked for it is known: see below. */
export const dropBackoff = (world: World, instance: Instance): void => {
  const { backoff } = instance;
  instance.backoff = undefined;
  instance.backoffMs = 0;
  if (typeof backoff !== 'number') return;
  clearTimer(world, backoff);
  world.cutWaits.push(instance.id);
};

/**
 * Let those go on whose wait was cut off.
 * @returns whether there were any
 */
export const leaveCutWaits = (world: World): boolean => {
  if (world.cutWaits.length === 0) return false;
  for (const id of world.cutWaits.splice(0)) {
    const instance = world.instances.get(id);
    if (instance?.state === 'post-stop') advance(world, instance);
  }
  return true;
};
