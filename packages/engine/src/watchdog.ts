import { displayName, type Instance } from './instance.js';
import { killProcess, processOf } from './process.js';
import { clearTimer, emitEffect, log, setTimer, type World } from './world.js';

/**
 * `watchdog`: from the time that a job is up, its main process must give a sign of life so often.
 * @see spec: semantics.md T2
 */

export const stopWatching = (world: World, instance: Instance): void => {
  clearTimer(world, instance.watchdogTimer);
  instance.watchdogTimer = undefined;
};

/** Begin to watch, if the job asks for it. */
export const beginWatching = (world: World, instance: Instance): void => {
  const { watchdogSeconds } = instance.definition.conf;
  stopWatching(world, instance);
  if (watchdogSeconds === undefined || watchdogSeconds === 0 || !instance.processes.has('main')) return;
  const dueAt = world.now + watchdogSeconds * 1000;
  instance.watchdogTimer = setTimer(world, dueAt, { kind: 'watchdog', instance: instance.id });
};

/** A sign of life. */
export const seenAlive = (world: World, instance: Instance): void => {
  if (instance.watchdogTimer !== undefined) beginWatching(world, instance);
};

/** No sign of life in time: end the process. Its end is a failure, which a respawn may follow. */
export const watchdogExpired = (world: World, instance: Instance): void => {
  instance.watchdogTimer = undefined;
  const main = processOf(world, instance, 'main');
  if (!main) return;
  emitEffect(world, { kind: 'watchdog-expired', instance: instance.ref });
  log(world, 'warn', `${displayName(instance.ref)} gave no sign of life, stopped`, instance.ref);
  main.hung = true;
  killProcess(world, instance, 'main');
};
