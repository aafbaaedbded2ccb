import type { Instance } from './instance.js';

/**
 * Count a respawn in its window, which starts with the first respawn and is renewed by the first one after its end.
 * @param now monotonic whole seconds
 * @returns false if it is one too many
 * @see spec: engine.md 1.6
 */
export const mayRespawn = (instance: Instance, now: number): boolean => {
  const { count, intervalSeconds } = instance.definition.conf.respawnLimit;
  if (count === 0 || intervalSeconds === 0) return true;
  if (now - instance.respawnSince < intervalSeconds) {
    instance.respawnCount += 1;
    return instance.respawnCount <= count;
  }
  instance.respawnSince = now;
  instance.respawnCount = 1;
  return true;
};
