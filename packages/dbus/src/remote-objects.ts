import type { Goal, JobState } from '@maverick/engine';
import type { Connection } from './connection.js';
import { JOB_CLASS, JOB_INSTANCE } from './interfaces.js';
import { callMethod, getAllProperties } from './remote-call.js';
import type { InstanceStatus, JobProperties, RemoteInstance, RemoteJob, WaitOption } from './upstart-client.js';

/** Read every property of a job class. */
export const readJob = async (connection: Connection, path: string): Promise<JobProperties> => {
  const read = await getAllProperties(connection, path, JOB_CLASS);
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
  };
};

/** Read every property of an instance. */
export const readInstance = async (connection: Connection, path: string): Promise<InstanceStatus> => {
  const read = await getAllProperties(connection, path, JOB_INSTANCE);
  const processes = (read('processes') as readonly [string, number][] | undefined) ?? [];
  return {
    name: (read('name') as string | undefined) ?? '',
    goal: (read('goal') as Goal | undefined) ?? 'stop',
    state: (read('state') as JobState | undefined) ?? 'waiting',
    processes: processes.map(([role, pid]) => ({ role, pid })),
  };
};

export const remoteInstance = (connection: Connection, path: string): RemoteInstance => {
  const command =
    (member: 'Start' | 'Stop' | 'Restart') =>
    async ({ wait = true }: WaitOption = {}): Promise<void> => {
      await callMethod(connection, path, JOB_INSTANCE, member, [wait]);
    };
  return {
    path,
    status: () => readInstance(connection, path),
    start: command('Start'),
    stop: command('Stop'),
    restart: command('Restart'),
    reload: async () => {
      await callMethod(connection, path, JOB_INSTANCE, 'Reload', []);
    },
  };
};

export const remoteJob = (connection: Connection, path: string): RemoteJob => {
  const at = (instance: string): RemoteInstance => remoteInstance(connection, instance);
  const bringUp =
    (member: 'Start' | 'Restart') =>
    async (env: readonly string[] = [], { wait = true }: WaitOption = {}): Promise<RemoteInstance> => {
      const [instance] = await callMethod(connection, path, JOB_CLASS, member, [env, wait]);
      return at(instance);
    };
  return {
    path,
    start: bringUp('Start'),
    restart: bringUp('Restart'),
    stop: async (env = [], { wait = true } = {}) => {
      await callMethod(connection, path, JOB_CLASS, 'Stop', [env, wait]);
    },
    getInstance: async (env = []) => at((await callMethod(connection, path, JOB_CLASS, 'GetInstance', [env]))[0]),
    getInstanceByName: async (name) =>
      at((await callMethod(connection, path, JOB_CLASS, 'GetInstanceByName', [name]))[0]),
    instances: async () => (await callMethod(connection, path, JOB_CLASS, 'GetAllInstances', []))[0].map(at),
    properties: () => readJob(connection, path),
  };
};
