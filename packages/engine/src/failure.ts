import type { Failure, Instance } from './instance.js';
import { emitEffect, type World } from './world.js';

/** Mark the run as failed. Only its first failure counts; those who wait are told at once. @see spec: engine.md 1.5 */
export const fail = (world: World, instance: Instance, process: Failure['process'], status: number): void => {
  if (instance.failure) return;
  instance.failure = { process, status };
  emitEffect(world, { kind: 'job-failed', instance: instance.ref, process, status });
  world.rules.failed(world, instance);
};
