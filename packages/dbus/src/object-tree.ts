import type { SessionId } from '@maverick/engine';
import { type Call, viewIn } from './call.js';
import type { Answer, Implementation } from './implementation.js';
import { init1 } from './init1.js';
import { init1Instance } from './init1-instance.js';
import { init1Job } from './init1-job.js';
import { instance, onInstance } from './instance.js';
import type { InterfaceDefinition } from './interfaces.js';
import { job, onJob } from './job.js';
import { manager } from './manager.js';
import {
  escapeElement,
  JOBS_PATH,
  MANAGER_PATH,
  SESSIONS_PATH,
  SYSTEM_SESSION,
  unescapeElement,
} from './object-path.js';
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
  /** Whose it is; absent for a step that is everybody's. */
  readonly session?: SessionId;
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

/** The call, in the session of the object. Spelt out, as in {@link onJob}. */
const inSession = (call: Call, session: SessionId): Call | undefined => {
  if (session === call.session) return call;
  const model = viewIn(call.model, session);
  const { peer, client, keepFd, waits, from = call.session } = call;
  return model && { model, session, from, peer, client, keepFd, waits };
};

/** Of the sessions that are open those whose jobs the caller may at least look at. */
const sessionsFor = ({ model, session }: Call): readonly SessionId[] => {
  const all = model.sessions?.().map(({ id }) => id) ?? [SYSTEM_SESSION];
  return session === SYSTEM_SESSION ? all : all.filter((id) => id === session || id === SYSTEM_SESSION);
};

const managerNode = (call: Call, path: string, children: ObjectNode['children']): ObjectNode => ({
  path,
  session: call.session,
  interfaces: [bind(manager, call), bind(init1, call)],
  children,
});

const jobElements = (call: Call | undefined): readonly string[] =>
  call?.model.jobs().map(({ name }) => escapeElement(name)) ?? [];

const jobsNode = (call: Call): ObjectNode => ({
  ...step(),
  children: () => [
    ...jobElements(inSession(call, SYSTEM_SESSION)),
    ...sessionsFor(call)
      .filter((id) => id !== SYSTEM_SESSION)
      .map(escapeElement),
  ],
});

const jobNode = (call: Call, path: string, element: string): ObjectNode | undefined => {
  const name = unescapeElement(element);
  const view = name === undefined ? undefined : call.model.job(name);
  if (!view) return undefined;
  const target = onJob(call, view);
  return {
    path,
    session: call.session,
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
    session: call.session,
    interfaces: [bind(instance, target), bind(init1Instance, target)],
    children: () => [],
    job: view.ref.job,
  };
};

/** A session other than the system's that is open, by the element of its jobs' paths. */
const namedSession = (call: Call, element: string): Call | undefined => {
  const id = unescapeElement(element);
  if (id === undefined || id === SYSTEM_SESSION || !call.model.inSession) return undefined;
  return inSession(call, id);
};

/** A job or an instance of one session. */
const findInSession = (call: Call | undefined, path: string, elements: readonly string[]): ObjectNode | undefined => {
  const [job, instance, ...deeper] = elements;
  if (!call || job === undefined || deeper.length > 0) return undefined;
  return instance === undefined ? jobNode(call, path, job) : instanceNode(call, path, job, instance);
};

/** The system's jobs come first, so that no session can stand in front of one. */
const findBelowJobs = (call: Call, path: string): ObjectNode | undefined => {
  const elements = path.slice(JOBS_PATH.length + 1).split('/');
  const found = findInSession(inSession(call, SYSTEM_SESSION), path, elements);
  if (found) return found;
  const [first = '', ...below] = elements;
  const session = namedSession(call, first);
  if (!session || below.length > 0) return findInSession(session, path, below);
  return { ...step(...jobElements(session)), session: session.session };
};

const findBelowSessions = (call: Call, path: string): ObjectNode | undefined => {
  const id = unescapeElement(path.slice(SESSIONS_PATH.length + 1));
  const there = id === undefined || !call.model.inSession ? undefined : inSession(call, id);
  return there && managerNode({ ...there, alone: true }, path, () => []);
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
      // Where there is one session only, there is nothing to choose from, and the tree is as the original's.
      return managerNode(call, path, () => (sessionsFor(call).length > 1 ? ['jobs', 'sessions'] : ['jobs']));
    case JOBS_PATH:
      return jobsNode(call);
    case SESSIONS_PATH:
      return call.model.inSession && step(...sessionsFor(call).map(escapeElement));
  }
  if (path.startsWith(`${JOBS_PATH}/`)) return findBelowJobs(call, path);
  if (path.startsWith(`${SESSIONS_PATH}/`)) return findBelowSessions(call, path);
  return undefined;
};
