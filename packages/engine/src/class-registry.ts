import type { Definition } from './definition.js';
import type { SessionId } from './input.js';
import { displayName, type Instance, newInstance, ofSession } from './instance.js';
import { type JobClass, newClass } from './job-class.js';
import { listenerKeys } from './listener-index.js';
import { dropSession, emitEffect, log, openedSession, sessionOf, type World } from './world.js';

const eventKeys = ({ startOn, stopOn }: Definition): string[] => [...listenerKeys(startOn), ...listenerKeys(stopOn)];

const jobNames = ({ while: states }: Definition): string[] => (states?.terms ?? []).map(({ job }) => job);

const takeFrom = (index: Map<string, Set<JobClass>>, name: string, jobClass: JobClass): void => {
  const others = index.get(name);
  others?.delete(jobClass);
  if (others?.size === 0) index.delete(name);
};

/** List a class under these names and no others. */
const relist = (
  index: Map<string, Set<JobClass>>,
  jobClass: JobClass,
  before: ReadonlySet<string>,
  names: ReadonlySet<string>,
): ReadonlySet<string> => {
  for (const name of before) if (!names.has(name)) takeFrom(index, name, jobClass);
  for (const name of names) {
    const others = index.get(name);
    if (others) others.add(jobClass);
    else index.set(name, new Set([jobClass]));
  }
  return names;
};

/** List a class under what its definition, and those of its instances, wait for. */
export const listClass = (world: World, jobClass: JobClass): void => {
  const { listeners, dependants } = sessionOf(world, jobClass.session);
  const definitions = new Set([jobClass.definition]);
  for (const { definition } of jobClass.instances.values()) definitions.add(definition);
  const names = [...definitions];
  jobClass.listensTo = relist(listeners, jobClass, jobClass.listensTo, new Set(names.flatMap(eventKeys)));
  jobClass.dependsOn = relist(dependants, jobClass, jobClass.dependsOn, new Set(names.flatMap(jobNames)));
};

const unlistClass = (world: World, jobClass: JobClass): void => {
  const { listeners, dependants } = sessionOf(world, jobClass.session);
  jobClass.listensTo = relist(listeners, jobClass, jobClass.listensTo, new Set());
  jobClass.dependsOn = relist(dependants, jobClass, jobClass.dependsOn, new Set());
};

/** Make a class known. */
export const addClass = (world: World, session: SessionId, name: string, definition: Definition): JobClass => {
  const jobClass = newClass(session, name, world.next.order++, definition);
  jobClass.idleSince = world.now;
  openedSession(world, session).classes.set(name, jobClass);
  world.classes.set(jobClass.order, jobClass);
  listClass(world, jobClass);
  emitEffect(world, { kind: 'job-added', session, job: name });
  return jobClass;
};

/** Take a class without instances away. */
export const dropClass = (world: World, jobClass: JobClass): void => {
  const { session, name } = jobClass;
  unlistClass(world, jobClass);
  const { classes, closing } = sessionOf(world, session);
  classes.delete(name);
  world.classes.delete(jobClass.order);
  log(world, 'debug', `Destroyed unused job ${name}${ofSession(session)}`, session);
  emitEffect(world, { kind: 'job-removed', session, job: name });
  if (closing && classes.size === 0) dropSession(world, session);
};

/** The instance of that name, made if need be; at rest in `waiting` if so. */
export const instanceOf = (world: World, jobClass: JobClass, name: string): Instance => {
  const known = jobClass.instances.get(name);
  if (known) return known;
  const instance = newInstance(world.next.instance++, jobClass, name, jobClass.definition);
  instance.since = world.now;
  jobClass.instances.set(name, instance);
  world.instances.set(instance.id, instance);
  log(world, 'debug', `New instance ${displayName(instance.ref)}`, instance.ref);
  emitEffect(world, { kind: 'instance-added', instance: instance.ref });
  return instance;
};

/** A class that was given up and is defined again: it goes to the end, as a new one would. */
export const reviveClass = (world: World, jobClass: JobClass): void => {
  const { classes } = sessionOf(world, jobClass.session);
  classes.delete(jobClass.name);
  classes.set(jobClass.name, jobClass);
  world.classes.delete(jobClass.order);
  jobClass.order = world.next.order++;
  jobClass.deleted = false;
  jobClass.unsettled = false;
  world.classes.set(jobClass.order, jobClass);
};
