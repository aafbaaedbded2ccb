import type { Call } from './call.js';
import type { Answer, Implementation } from './implementation.js';
import { init1 } from './init1.js';
import { init1Instance } from './init1-instance.js';
import { init1Job } from './init1-job.js';
import { instance } from './instance.js';
import type { InterfaceDefinition } from './interfaces.js';
import { job } from './job.js';
import { manager } from './manager.js';
import { escapeElement, JOBS_PATH, MANAGER_PATH, unescapeElement } from './object-path.js';
import type { Value } from './value.js';

/** An interface of one object, for one call. */
export interface BoundInterface {
  readonly definition: InterfaceDefinition;
  call(member: string, args: readonly Value[], answer: Answer): void;
  get(property: string): Value;
  set(property: string, value: Value): void;
}

/** What is at a path: an object with interfaces, or a mere step on the way to objects. */
export interface ObjectNode {
  /** Absent for a mere step. */
  readonly path?: string;
  readonly interfaces: readonly BoundInterface[];
  /** Elements of the paths one level below. */
  children(): readonly string[];
  /** The job that it is or belongs to. */
  readonly job?: string;
}

/** Join an implementation with what it is to work on. */
export const bind = <Target>(implementation: Implementation<Target>, target: Target): BoundInterface => ({
  definition: implementation.definition,
  call: (member, args, answer) => implementation.methods[member]?.(target, args, answer),
  get: (property) => implementation.properties[property]?.get(target) ?? '',
  set: (property, value) => implementation.properties[property]?.set?.(target, value),
});

const step = (...children: string[]): ObjectNode => ({
  interfaces: [],
  children: () => children,
});

const managerNode = (call: Call): ObjectNode => ({
  path: MANAGER_PATH,
  interfaces: [bind(manager, call), bind(init1, call)],
  children: () => ['jobs'],
});

const jobsNode = (call: Call): ObjectNode => ({
  ...step(),
  children: () => call.model.jobs().map(({ name }) => escapeElement(name)),
});

const jobNode = (call: Call, path: string, element: string): ObjectNode | undefined => {
  const name = unescapeElement(element);
  const view = name === undefined ? undefined : call.model.job(name);
  if (!view) return undefined;
  return {
    path,
    interfaces: [bind(job, { ...call, job: view }), bind(init1Job, { ...call, job: view })],
    children: () => view.instances.map(({ ref }) => escapeElement(ref.instance)),
    job: view.name,
  };
};

const instanceNode = (call: Call, path: string, job: string, element: string): ObjectNode | undefined => {
  const jobName = unescapeElement(job);
  const name = unescapeElement(element);
  const view = jobName === undefined || name === undefined ? undefined : call.model.instance(jobName, name);
  if (!view) return undefined;
  return {
    path,
    interfaces: [bind(instance, { ...call, instance: view }), bind(init1Instance, { ...call, instance: view })],
    children: () => [],
    job: view.ref.job,
  };
};

/** Find what is at a path, by looking at its elements: nothing is registered anywhere, so nothing can be stale. */
export const findNode = (call: Call, path: string): ObjectNode | undefined => {
  switch (path) {
    case '/':
      return step('com');
    case '/com':
      return step('ubuntu');
    case '/com/ubuntu':
      return step('Upstart');
    case MANAGER_PATH:
      return managerNode(call);
    case JOBS_PATH:
      return jobsNode(call);
  }
  if (!path.startsWith(`${JOBS_PATH}/`)) return undefined;
  const [job, instance, ...deeper] = path.slice(JOBS_PATH.length + 1).split('/');
  if (job === undefined || deeper.length > 0) return undefined;
  return instance === undefined ? jobNode(call, path, job) : instanceNode(call, path, job, instance);
};
