import { instanceOf } from './class-registry.js';
import type { Definition } from './definition.js';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { withOrigin } from './origin.js';
import { definitionToRun, startInstance, stopInstance } from './run.js';
import { mayStart } from './starts.js';
import { guardHolds, statesWaitingFor, type Wanted, wantedBy } from './states.js';
import { waitAsEvent } from './waiters.js';
import { causedByInstance, sessionOf, type World } from './world.js';

/** Make jobs follow the states that their `while` asks about. @see spec: semantics.md section 5 */

/** Whether the `while` of a definition allows the instance to run. */
const allows = (world: World, { ref }: Instance, definition: Definition): boolean =>
  guardHolds(world, ref.session, definition, ref.instance);

/** The state that a job follows as it begins, or as it ends: what led to the one has led to the other. */
const stateBehind = (world: World, { session }: JobClass, { while: states }: Definition, up: boolean) =>
  states?.terms
    .flatMap((term) => [...(sessionOf(world, session).classes.get(term.job)?.instances.values() ?? [])])
    .find((state) => state.up === up);

/** Stop what is wanted although its `while` does not hold (rule S7). A run that is coming has the newest definition. */
const stopUnguarded = (world: World, instance: Instance): boolean => {
  const governing = instance.nextRequest === undefined ? instance.definition : definitionToRun(instance);
  if (governing.while && allows(world, instance, governing)) instance.override = false;
  if (instance.goal === 'stop' || instance.override || allows(world, instance, governing)) return false;
  const state = stateBehind(world, instance.jobClass, governing, false);
  withOrigin(world, state?.because, () => causedByInstance(world, instance.ref, () => stopInstance(world, instance)));
  return true;
};

/** The states that end, or that it excludes, wait until it is down (rules S4, S6). */
const holdStates = (world: World, instance: Instance): void => {
  if (instance.override || allows(world, instance, instance.definition)) return;
  for (const { blocker } of statesWaitingFor(world, instance)) {
    const hook = blocker === undefined ? undefined : world.events.get(blocker);
    if (hook) waitAsEvent(world, instance, hook, 'gone');
  }
};

const govern = (world: World, instance: Instance): boolean => {
  const stopped = stopUnguarded(world, instance);
  if (instance.definition.while) holdStates(world, instance);
  return stopped;
};

/** An episode begins: one start, unless something else has the say over starts (rules S5, S8, S13, S15). */
const beginEpisode = (world: World, jobClass: JobClass, name: string, wanted: Wanted): boolean => {
  const env = wanted.get(name) ?? [];
  jobClass.episodes.set(name, env);
  const { conf } = jobClass.definition;
  if (conf.whileIsGuard || conf.startOn || world.quiesce) return false;
  const ref = { session: jobClass.session, job: jobClass.name, instance: name };
  if (jobClass.instances.get(name)?.goal === 'start' || !mayStart(world, ref)) return false;
  const instance = instanceOf(world, jobClass, name);
  instance.override = false;
  instance.usedOperands = [];
  const state = stateBehind(world, jobClass, jobClass.definition, true);
  withOrigin(world, state?.because, () => causedByInstance(world, ref, () => startInstance(world, instance, env)));
  return true;
};

/** First what its episodes have, then what they want, then the rest. */
const settleClass = (world: World, jobClass: JobClass): boolean => {
  const { session, definition, episodes } = jobClass;
  const wanted: Wanted = jobClass.deleted ? new Map() : wantedBy(world, session, definition);
  for (const name of episodes.keys()) if (!wanted.has(name)) episodes.delete(name);
  const before = [...jobClass.instances.values()];
  const inEpisode = before.filter(({ ref }) => episodes.has(ref.instance));
  const others = before.filter(({ ref }) => !episodes.has(ref.instance));
  let changed = false;
  for (const instance of inEpisode) changed = govern(world, instance) || changed;
  for (const name of wanted.keys()) {
    if (!episodes.has(name)) changed = beginEpisode(world, jobClass, name, wanted) || changed;
  }
  for (const instance of others) changed = govern(world, instance) || changed;
  return changed;
};

/**
 * Look at every `while` whose answer may have changed, in the order of definition, until none is left.
 * @returns whether something was started or stopped
 */
export const settleStates = (world: World): boolean => {
  let changed = false;
  for (let order = world.unsettled.pop(); order !== undefined; order = world.unsettled.pop()) {
    const jobClass = world.classes.get(order);
    if (!jobClass) continue;
    jobClass.unsettled = false;
    changed = settleClass(world, jobClass) || changed;
  }
  return changed;
};
