import { signalName } from '@maverick/conf';
import { type Environment, has, valueIn } from './environment.js';
import type { QueuedEvent } from './event.js';
import { queueEvent } from './event-queue.js';
import type { Failure, Instance } from './instance.js';
import type { World } from './world.js';

/** The events that tell of a job's life. A job waits in the first and the third until they have finished. */
const JOB_EVENTS = ['starting', 'started', 'stopping', 'stopped'] as const;
export type JobEvent = (typeof JOB_EVENTS)[number];

const HOOKS: ReadonlySet<JobEvent> = new Set(['starting', 'stopping']);
const WITH_RESULT: ReadonlySet<JobEvent> = new Set(['stopping', 'stopped']);

/** @see spec: engine.md 3.1 */
const resultOf = (failure: Failure | undefined): Environment => {
  if (!failure) return ['RESULT=ok'];
  const { process, status } = failure;
  const result = ['RESULT=failed', `PROCESS=${process}`];
  if (status < 0 || process === 'respawn' || process === 'timeout') return result;
  if (status < 256) return [...result, `EXIT_STATUS=${status}`];
  return [...result, `EXIT_SIGNAL=${signalName(status >> 8) ?? status >> 8}`];
};

/** The exported variables that the instance has, in the order of `export`, but for those that are there already. */
const withExports = (env: Environment, instance: Instance): Environment => {
  const all = [...env];
  for (const name of instance.definition.conf.export) {
    const value = valueIn(instance.env, name);
    if (value !== undefined && !has(all, name)) all.push(`${name}=${value}`);
  }
  return all;
};

/** An event's environment, and the part that does not depend on how the run went. */
export const jobEvent = (instance: Instance, name: JobEvent): { env: Environment; exported: Environment } => {
  const { job, instance: instanceName } = instance.ref;
  const identity = [`JOB=${job}`, `INSTANCE=${instanceName}`];
  const exported = withExports(identity, instance);
  if (!WITH_RESULT.has(name)) return { env: exported, exported };
  return { env: withExports([...identity, ...resultOf(instance.failure)], instance), exported };
};

export const queueJobEvent = (world: World, instance: Instance, name: JobEvent, env: Environment): QueuedEvent =>
  queueEvent(world, {
    session: instance.ref.session,
    name,
    env,
    ofJob: true,
    because: instance.because,
    ...(HOOKS.has(name) ? { hookOf: instance } : {}),
  });
