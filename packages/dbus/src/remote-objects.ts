import type { Goal, JobState } from '@maverick/engine';
import type { CallOptions } from './call-options.js';
import { INIT1_INSTANCE, INIT1_JOB, type InterfaceDefinition, JOB_CLASS, JOB_INSTANCE } from './interfaces.js';
import type { Remote } from './remote.js';
import { callMethod, getAllProperties, type PropertyReader, readFrom } from './remote-call.js';
import type {
  InstanceStatus,
  JobHandle,
  JobProperties,
  RemoteInstance,
  RemoteJob,
  RemoteProcess,
  WaitOption,
} from './upstart-client.js';
import type { Variant } from './value.js';

/**
 * All that a job has, whatever interface it is of: no name means any. Of `start_on` and `stop_on`, which both interfaces
 * have, the original's come.
 */
const ANY_OF_JOB = {
  ...JOB_CLASS,
  name: '',
  properties: { ...INIT1_JOB.properties, ...JOB_CLASS.properties },
} as const satisfies InterfaceDefinition;

const ANY_OF_INSTANCE = {
  ...JOB_INSTANCE,
  name: '',
  properties: { ...JOB_INSTANCE.properties, ...INIT1_INSTANCE.properties },
} as const satisfies InterfaceDefinition;

/** The properties of a job class that are in a dictionary. */
export const jobPropertiesIn = (properties: ReadonlyMap<string, Variant>): JobProperties =>
  jobProperties(readFrom(properties, ANY_OF_JOB));

/** The properties of a job class. */
const jobProperties = (read: PropertyReader): JobProperties => {
  const text = (property: string): string => (read(property) as string | undefined) ?? '';
  return {
    name: text('name'),
    description: text('description'),
    author: text('author'),
    version: text('version'),
    usage: read('usage') as string | undefined,
    startOn: read('start_on') as string[][] | undefined,
    stopOn: read('stop_on') as string[][] | undefined,
    emits: read('emits') as string[] | undefined,
    while: read('while') as string | undefined,
    staleBecauseOf: read('stale_because_of') as string | undefined,
    file: read('file') as string | undefined,
    overrideFile: read('override_file') as string | undefined,
  };
};

/** Read every property of a job class. */
export const readJob = async (remote: Remote, path: string, options?: CallOptions): Promise<JobProperties> =>
  jobProperties(await getAllProperties(remote, path, ANY_OF_JOB, options));

/** Processes as they are on the wire. */
export const remoteProcesses = (pairs: readonly (readonly [role: string, pid: number])[]): RemoteProcess[] =>
  pairs.map(([role, pid]) => ({ role, pid }));

/** Read every property of an instance. */
export const readInstance = async (remote: Remote, path: string, options?: CallOptions): Promise<InstanceStatus> => {
  const read = await getAllProperties(remote, path, ANY_OF_INSTANCE, options);
  const paused = remoteProcesses((read('paused') as readonly [string, number][] | undefined) ?? []);
  const staleBecauseOf = read('stale_because_of') as string | undefined;
  return {
    name: (read('name') as string | undefined) ?? '',
    goal: (read('goal') as Goal | undefined) ?? 'stop',
    state: (read('state') as JobState | undefined) ?? 'waiting',
    processes: remoteProcesses((read('processes') as readonly [string, number][] | undefined) ?? []),
    ...(paused.length === 0 ? {} : { paused }),
    ...(staleBecauseOf ? { staleBecauseOf } : {}),
  };
};

export const remoteInstance = (remote: Remote, path: string): RemoteInstance => {
  const command =
    (member: 'Start' | 'Stop' | 'Restart') =>
    async ({ wait = true, ...options }: WaitOption = {}): Promise<void> => {
      await callMethod(remote, path, JOB_INSTANCE, member, [wait], options);
    };
  return {
    path,
    status: (options) => readInstance(remote, path, options),
    start: command('Start'),
    stop: command('Stop'),
    restart: command('Restart'),
    reload: async (options) => {
      await callMethod(remote, path, JOB_INSTANCE, 'Reload', [], options);
    },
  };
};

export const remoteJob = (remote: Remote, path: string): RemoteJob => {
  const at = (instance: string): RemoteInstance => remoteInstance(remote, instance);
  const bringUp =
    (member: 'Start' | 'Restart') =>
    async (env: readonly string[] = [], { wait = true, ...options }: WaitOption = {}): Promise<RemoteInstance> => {
      const [instance] = await callMethod(remote, path, JOB_CLASS, member, [env, wait], options);
      return at(instance);
    };
  return {
    path,
    start: bringUp('Start'),
    restart: bringUp('Restart'),
    stop: async (env = [], { wait = true, ...options } = {}) => {
      await callMethod(remote, path, JOB_CLASS, 'Stop', [env, wait], options);
    },
    getInstance: async (env = [], options) =>
      at((await callMethod(remote, path, JOB_CLASS, 'GetInstance', [env], options))[0]),
    getInstanceByName: async (name, options) =>
      at((await callMethod(remote, path, JOB_CLASS, 'GetInstanceByName', [name], options))[0]),
    instances: async (options) =>
      (await callMethod(remote, path, JOB_CLASS, 'GetAllInstances', [], options))[0].map(at),
    properties: (options) => readJob(remote, path, options),
    logFile: async (instance = '', options) =>
      (await callMethod(remote, path, INIT1_JOB, 'LogFile', [instance], options))[0],
  };
};

type Found = Promise<RemoteJob>;

/** What a job that is still being looked up can already be told. One set for all of them: nothing is made for each. */
const WHEN_FOUND = {
  start(this: Found, ...args) {
    return this.then((job) => job.start(...args));
  },
  stop(this: Found, ...args) {
    return this.then((job) => job.stop(...args));
  },
  restart(this: Found, ...args) {
    return this.then((job) => job.restart(...args));
  },
  getInstance(this: Found, ...args) {
    return this.then((job) => job.getInstance(...args));
  },
  getInstanceByName(this: Found, ...args) {
    return this.then((job) => job.getInstanceByName(...args));
  },
  instances(this: Found, ...args) {
    return this.then((job) => job.instances(...args));
  },
  logFile(this: Found, ...args) {
    return this.then((job) => job.logFile(...args));
  },
  properties(this: Found, ...args) {
    return this.then((job) => job.properties(...args));
  },
} satisfies { [M in Exclude<keyof RemoteJob, 'path'>]: (this: Found, ...args: Parameters<RemoteJob[M]>) => unknown };

/** A job that is still being looked up, as a promise that can already be told what to do with it. */
export const jobHandle = (found: Found): JobHandle => Object.assign(found, WHEN_FOUND);
