import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { sessionOf, type World } from './world.js';

/** The `while` of a class is to be looked at again. */
export const unsettle = (world: World, jobClass: JobClass): void => {
  if (jobClass.unsettled) return;
  jobClass.unsettled = true;
  world.unsettled.push(jobClass.order);
};

/** A state has begun, ended, or moved: look at every `while` that asks about it. */
export const touchDependants = (world: World, { ref }: Instance): void => {
  for (const jobClass of sessionOf(world, ref.session).dependants.get(ref.job) ?? []) unsettle(world, jobClass);
};
