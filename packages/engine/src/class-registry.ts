import type { Definition } from './definition.js';
import type { SessionId } from './input.js';
import { displayName, type Instance, newInstance } from './instance.js';
import type { JobClass } from './job-class.js';
import { emitEffect, log, sessionOf, type World } from './world.js';

const eventNames = ({ startOn, stopOn }: Definition): string[] => [
  ...(startOn?.byName.keys() ?? []),
  ...(stopOn?.byName.keys() ?? []),
];

/** List a class under the events that its definition, or that of an instance, waits for. */
export const listListeners = (world: World, jobClass: JobClass): void => {
  const { listeners } = sessionOf(world, jobClass.session);
  const names = new Set(eventNames(jobClass.definition));
  for (const { definition } of jobClass.instances.values()) {
    if (definition !== jobClass.definition) for (const name of eventNames(definition)) names.add(name);
  }
  for (const name of jobClass.listensTo) {
    if (names.has(name)) continue;
    const others = listeners.get(name);
    others?.delete(jobClass);
    if (others?.size === 0) listeners.delete(name);
  }
  for (const name of names) {
    const others = listeners.get(name);
    if (others) others.add(jobClass);
    else listeners.set(name, new Set([jobClass]));
  }
  jobClass.listensTo = names;
};

/** Make a class known. */
export const addClass = (world: World, session: SessionId, name: string, definition: Definition): JobClass => {
  const order = world.next.order++;
  const jobClass: JobClass = {
    session,
    name,
    order,
    definedAt: order,
    definition,
    instances: new Map(),
    next: undefined,
    deleted: false,
    startHolds: [],
    startMemory: { named: new Map(), common: [] },
    episodes: new Map(),
    listensTo: new Set(),
  };
  sessionOf(world, session).classes.set(name, jobClass);
  listListeners(world, jobClass);
  emitEffect(world, { kind: 'job-added', session, job: name });
  return jobClass;
};

/** Take a class without instances away. */
export const dropClass = (world: World, jobClass: JobClass): void => {
  const { session, name } = jobClass;
  const { classes, listeners } = sessionOf(world, session);
  classes.delete(name);
  for (const event of jobClass.listensTo) {
    const others = listeners.get(event);
    others?.delete(jobClass);
    if (others?.size === 0) listeners.delete(event);
  }
  jobClass.listensTo = new Set();
  log(world, 'debug', `Destroyed unused job ${name}`);
  emitEffect(world, { kind: 'job-removed', session, job: name });
};

/** The instance of that name, made if need be; at rest in `waiting` if so. */
export const instanceOf = (world: World, jobClass: JobClass, name: string): Instance => {
  const known = jobClass.instances.get(name);
  if (known) return known;
  const instance = newInstance(world.next.instance++, jobClass, name, jobClass.definition);
  jobClass.instances.set(name, instance);
  world.instances.set(instance.id, instance);
  log(world, 'debug', `New instance ${displayName(instance.ref)}`, instance.ref);
  emitEffect(world, { kind: 'instance-added', instance: instance.ref });
  return instance;
};
