import type { Connection } from './connection.js';
import { DBusError } from './dbus-error.js';
import { ERROR_NAMES } from './error-names.js';
import { JOB_CLASS, MANAGER } from './interfaces.js';
import { MANAGER_PATH } from './object-path.js';
import { callMethod } from './remote-call.js';
import { readInstance, readJob } from './remote-objects.js';
import type { ListedJob } from './upstart-client.js';

/** What goes while it is being asked for is no failure. */
const unlessGone = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DBusError && error.name === ERROR_NAMES.UnknownMethod) return undefined;
    throw error;
  }
};

const listInstance = async (connection: Connection, path: string): Promise<ListedJob['instances']> => {
  const status = await unlessGone(readInstance(connection, path));
  return status ? [{ path, status }] : [];
};

const listJob = async (connection: Connection, path: string): Promise<ListedJob[]> => {
  const asked = [readJob(connection, path), callMethod(connection, path, JOB_CLASS, 'GetAllInstances', [])] as const;
  const answers = await unlessGone(Promise.all(asked));
  if (!answers) return [];
  const [properties, [paths]] = answers;
  const instances = await Promise.all(paths.map((instance) => listInstance(connection, instance)));
  return [{ path, properties, instances: instances.flat() }];
};

/**
 * Every job with its instances, with the calls that the original has, too. All calls of one level leave together, so the
 * whole takes three round trips however many jobs there are.
 */
export const listJobs = async (connection: Connection): Promise<ListedJob[]> => {
  const [paths] = await callMethod(connection, MANAGER_PATH, MANAGER, 'GetAllJobs', []);
  return (await Promise.all(paths.map((path) => listJob(connection, path)))).flat();
};
