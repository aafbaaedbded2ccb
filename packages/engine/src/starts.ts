import type { InstanceRef } from './input.js';
import { displayName } from './instance.js';
import { hasRoomFor } from './session-limits.js';
import { emitEffect, log, type World } from './world.js';

const MOST_STARTS = 100;

/**
 * Count a start by an event or a state. An instance may be started so 100 times by one input: a job without processes
 * that starts on its own `stopped` must not keep the engine from ever returning (rule E10).
 * @returns false where the start is refused: also where its session has no room for it
 */
export const mayStart = (world: World, ref: InstanceRef): boolean => {
  if (!hasRoomFor(world, ref)) return false;
  const key = JSON.stringify([ref.session, ref.job, ref.instance]);
  const starts = (world.starts.get(key) ?? 0) + 1;
  world.starts.set(key, starts);
  if (starts <= MOST_STARTS) return true;
  // One warning is enough: everything after the first refusal of one input is the same story.
  if (starts === MOST_STARTS + 1) {
    emitEffect(world, { kind: 'start-loop', instance: ref });
    log(world, 'warn', `${displayName(ref)} started ${MOST_STARTS} times in a row, not started again`, ref);
  }
  return false;
};
