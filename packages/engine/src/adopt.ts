import type { ProcessRole } from '@maverick/conf';
import { instanceOf } from './class-registry.js';
import { findClass } from './commands.js';
import type { AdoptedInstance, Input } from './input.js';
import { displayName, type Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { jobEvent } from './job-event.js';
import { type Goal, isUpState, type JobState } from './job-state.js';
import { changeGoal } from './transition.js';
import { causedByInstance, emitEffect, log, type World } from './world.js';

/** Where an instance is while one of its processes runs, and where it most likely goes. Later rows win: main runs beside them. */
const PLACES = {
  main: { state: 'running', goal: 'start' },
  security: { state: 'security', goal: 'start' },
  'pre-start': { state: 'pre-start', goal: 'start' },
  'post-start': { state: 'post-start', goal: 'start' },
  'pre-stop': { state: 'pre-stop', goal: 'stop' },
  'post-stop': { state: 'post-stop', goal: 'stop' },
} as const satisfies Record<ProcessRole, { readonly state: JobState; readonly goal: Goal }>;

const placeOf = (jobClass: JobClass, roles: ReadonlySet<ProcessRole>): { state: JobState; goal: Goal } | undefined => {
  const last = (Object.keys(PLACES) as ProcessRole[]).findLast((role) => roles.has(role));
  if (last === undefined) return undefined;
  const place = PLACES[last];
  // It has come up without the process that it is for: that one has died.
  const hasLostMain = last === 'post-start' && jobClass.definition.conf.processes.main && !roles.has('main');
  return hasLostMain ? { ...place, goal: 'stop' } : place;
};

const enter = (world: World, instance: Instance, state: JobState): void => {
  const { state: from, ref } = instance;
  instance.state = state;
  instance.since = world.now;
  emitEffect(world, { kind: 'state-changed', instance: ref, from, to: state });
  log(world, 'info', `${displayName(ref)} state changed from ${from} to ${state}`, ref);
};

/** What the rules do on the way there, but for what others would notice. */
const arrive = (world: World, instance: Instance): void => {
  world.rules.shown(world, instance, jobEvent(instance, 'started').exported);
  if (isUpState(instance.state)) world.rules.cameUp(world, instance, 'spawned');
  else if (instance.goal === 'start') world.rules.leftStarting(world, instance);
};

const adoptInstance = (world: World, jobClass: JobClass, { instance: name, env, processes }: AdoptedInstance): void => {
  const place = placeOf(jobClass, new Set(processes.map(({ role }) => role)));
  if (place === undefined || jobClass.instances.has(name)) return;
  const instance = instanceOf(world, jobClass, name);
  causedByInstance(world, instance.ref, () => {
    instance.nextRequest = env;
    instance.nextEnv = env;
    world.rules.beginRun(world, instance);
    for (const { process: id, role, pid } of processes) {
      instance.processes.set(role, id);
      const fresh = { signalled: false, attempts: 0, hung: false, earlyEnd: undefined };
      world.processes.set(id, { id, instance: instance.id, role, pid, ...fresh });
    }
    enter(world, instance, place.state);
    changeGoal(world, instance, place.goal);
    arrive(world, instance);
  });
};

/**
 * Define jobs, and believe in the instances that are said to run: no event tells of them, and nothing is started for them.
 * All are known before any condition is looked at.
 */
export const adoptJobs = (
  world: World,
  { session, jobs, nextProcess }: Extract<Input, { readonly kind: 'adopt-jobs' }>,
): void => {
  world.next.process = Math.max(world.next.process, nextProcess);
  for (const { name, definition } of jobs) {
    if (!findClass(world, session, name)) world.rules.defineJob(world, session, name, definition);
  }
  for (const { name, instances } of jobs) {
    const jobClass = findClass(world, session, name);
    if (jobClass) for (const instance of instances) adoptInstance(world, jobClass, instance);
  }
};
