import type { Goal, JobState } from '@maverick/engine';
import { UnknownMethodError } from './call-errors.js';
import type { CallOptions } from './call-options.js';
import { INIT1, JOB_CLASS, MANAGER, type WireTypes } from './interfaces.js';
import { MANAGER_PATH } from './object-path.js';
import type { Remote } from './remote.js';
import { callMethod, getProperty } from './remote-call.js';
import { jobPropertiesIn, readInstance, readJob, remoteProcesses } from './remote-objects.js';
import type { ListedDefinition, ListedJob } from './upstart-client.js';

/** What goes while it is being asked for is no failure. */
const unlessGone = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UnknownMethodError) return undefined;
    throw error;
  }
};

const listInstance = async (remote: Remote, path: string, options?: CallOptions): Promise<ListedJob['instances']> => {
  const status = await unlessGone(readInstance(remote, path, options));
  return status ? [{ path, status }] : [];
};

const listJob = async (remote: Remote, path: string, options?: CallOptions): Promise<ListedJob[]> => {
  const asked = [
    getProperty(remote, path, JOB_CLASS, 'name', options),
    callMethod(remote, path, JOB_CLASS, 'GetAllInstances', [], options),
  ] as const;
  const answers = await unlessGone(Promise.all(asked));
  if (!answers) return [];
  const [name, [paths]] = answers;
  const instances = await Promise.all(paths.map((instance) => listInstance(remote, instance, options)));
  return [{ path, name: String(name), instances: instances.flat() }];
};

const allPaths = async (remote: Remote, options?: CallOptions): Promise<readonly string[]> =>
  (await callMethod(remote, MANAGER_PATH, MANAGER, 'GetAllJobs', [], options))[0];

/**
 * Every job with its instances, with the calls that the original has, too. All calls of one level leave together, so the
 * whole takes three round trips however many jobs there are.
 */
const listOneByOne = async (remote: Remote, options?: CallOptions): Promise<ListedJob[]> => {
  const paths = await allPaths(remote, options);
  return (await Promise.all(paths.map((path) => listJob(remote, path, options)))).flat();
};

/** What a bulk call answers, or `undefined` where the daemon is one that has none. */
const ifOffered = unlessGone;

const listedJob = ([path, name, instances]: WireTypes['a(osa(osssa(si)))'][number]): ListedJob => ({
  path,
  name,
  instances: instances.map(([path, name, goal, state, processes]) => ({
    path,
    status: { name, goal: goal as Goal, state: state as JobState, processes: remoteProcesses(processes) },
  })),
});

/** Every job with its instances: in one call where the daemon offers that. */
export const listJobs = async (remote: Remote, options?: CallOptions): Promise<ListedJob[]> => {
  const answer = await ifOffered(callMethod(remote, MANAGER_PATH, INIT1, 'ListJobs', [], options));
  return answer ? answer[0].map(listedJob) : listOneByOne(remote, options);
};

const listDefinition = async (remote: Remote, path: string, options?: CallOptions): Promise<ListedDefinition[]> => {
  const properties = await unlessGone(readJob(remote, path, options));
  return properties ? [{ path, properties }] : [];
};

/** Every job with its properties: in one call where the daemon offers that, else in two round trips. */
export const listDefinitions = async (remote: Remote, options?: CallOptions): Promise<ListedDefinition[]> => {
  const answer = await ifOffered(callMethod(remote, MANAGER_PATH, INIT1, 'ListDefinitions', [], options));
  if (answer) return answer[0].map(([path, properties]) => ({ path, properties: jobPropertiesIn(properties) }));
  const paths = await allPaths(remote, options);
  return (await Promise.all(paths.map((path) => listDefinition(remote, path, options)))).flat();
};
