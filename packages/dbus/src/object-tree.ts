import type { Call } from './call.js';
import type { Answer, Implementation } from './implementation.js';
import { init1 } from './init1.js';
import { init1Instance } from './init1-instance.js';
import { init1Job } from './init1-job.js';
import { instance, onInstance } from './instance.js';
import type { InterfaceDefinition } from './interfaces.js';
import { job, onJob } from './job.js';
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

/** Several are made for every call, so it is no more than its two parts. */
class Bound<Target> implements BoundInterface {
  private readonly implementation: Implementation<Target>;
  private readonly target: Target;

  constructor(implementation: Implementation<Target>, target: Target) {
    this.implementation = implementation;
    this.target = target;
  }

  get definition(): InterfaceDefinition {
    return this.implementation.definition;
  }

  call(member: string, args: readonly Value[], answer: Answer): void {
    this.implementation.methods[member]?.(this.target, args, answer);
  }

  get(property: string): Value {
    return this.implementation.properties[property]?.get(this.target) ?? '';
  }

  set(property: string, value: Value): void {
    this.implementation.properties[property]?.set?.(this.target, value);
  }
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
export const bind = <Target>(implementation: Implementation<Target>, target: Target): BoundInterface =>
  new Bound(implementation, target);

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
  const target = onJob(call, view);
  return {
    path,
    interfaces: [bind(job, target), bind(init1Job, target)],
    children: () => view.instances.map(({ ref }) => escapeElement(ref.instance)),
    job: view.name,
  };
};

const instanceNode = (call: Call, path: string, job: string, element: string): ObjectNode | undefined => {
  const jobName = unescapeElement(job);
  const name = unescapeElement(element);
  const view = jobName === undefined || name === undefined ? undefined : call.model.instance(jobName, name);
  if (!view) return undefined;
  const target = onInstance(call, view);
  return {
    path,
    interfaces: [bind(instance, target), bind(init1Instance, target)],
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
