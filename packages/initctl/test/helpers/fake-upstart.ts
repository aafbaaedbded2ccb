import {
  DBusError,
  type EnvironmentTarget,
  type InstanceStatus,
  type JobHandle,
  type JobProperties,
  type RemoteInstance,
  type RemoteJob,
  type UpstartClient,
} from '@maverick/dbus/client';

const UPSTART = 'com.ubuntu.Upstart0_6.Error';
const gone = new DBusError('org.freedesktop.DBus.Error.UnknownMethod', 'Method "M" with signature "" doesn\'t exist\n');

/** What a job of the fake daemon is like. */
export interface FakeJob extends Partial<JobProperties> {
  /** Its instances by name. `'gone'`: it has vanished by the time it is asked. */
  readonly instances?: Readonly<Record<string, InstanceStatus | 'gone'>>;
  /** The daemon is older than the Reload method. */
  readonly lacksReload?: boolean;
}

/** A client of a daemon that exists only in this test. `calls` is what it was asked to do. */
export interface FakeUpstart {
  readonly client: UpstartClient;
  readonly calls: string[];
  closed: boolean;
}

const unsupported = (member: string) => (): never => {
  throw new Error(`the fake daemon has no ${member}`);
};

const fakeInstance = (job: string, name: string, { instances = {}, lacksReload }: FakeJob, calls: string[]) => {
  const note =
    (what: string) =>
    async ({ wait = true } = {}) => {
      calls.push(`${what} ${job}/${name}${wait ? '' : ' without waiting'}`);
    };
  const instance: RemoteInstance = {
    path: `/com/ubuntu/Upstart/jobs/${job}/${name}`,
    status: async () => {
      const status = instances[name];
      if (status === undefined || status === 'gone') throw gone;
      return status;
    },
    start: note('start instance'),
    stop: note('stop instance'),
    restart: note('restart instance'),
    reload: async () => {
      if (lacksReload) throw gone;
      calls.push(`reload instance ${job}/${name}`);
    },
  };
  return instance;
};

const fakeJob = (name: string, job: FakeJob, calls: string[]): RemoteJob => {
  const get = async (instance: string): Promise<RemoteInstance> => {
    if (job.instances?.[instance] === undefined) {
      throw new DBusError(`${UPSTART}.UnknownInstance`, `Unknown instance: ${instance}`);
    }
    return fakeInstance(name, instance, job, calls);
  };
  const note = (what: string, env: readonly string[], wait: boolean): void => {
    calls.push([what, name, ...env, ...(wait ? [] : ['without waiting'])].join(' '));
  };
  return {
    path: `/com/ubuntu/Upstart/jobs/${name}`,
    start: async (env = [], { wait = true } = {}) => {
      note('start', env, wait);
      return fakeInstance(name, '', job, calls);
    },
    stop: async (env = [], { wait = true } = {}) => note('stop', env, wait),
    restart: async (env = [], { wait = true } = {}) => {
      note('restart', env, wait);
      return fakeInstance(name, '', job, calls);
    },
    getInstance: async () => get(''),
    getInstanceByName: get,
    instances: unsupported('instances'),
    logFile: unsupported('logFile'),
    properties: async () => ({
      name,
      description: '',
      author: '',
      version: '',
      usage: '',
      startOn: [],
      stopOn: [],
      emits: [],
      while: undefined,
      staleBecauseOf: undefined,
      file: undefined,
      overrideFile: undefined,
      ...job,
    }),
  };
};

/** Commands wait until a job is found; nobody here gives it orders before. */
const handle = (found: Promise<RemoteJob>): JobHandle =>
  Object.assign(found, {
    start: unsupported('start'),
    stop: unsupported('stop'),
    restart: unsupported('restart'),
    getInstance: unsupported('getInstance'),
    getInstanceByName: unsupported('getInstanceByName'),
    instances: unsupported('instances'),
    logFile: unsupported('logFile'),
    properties: unsupported('properties'),
  });

const ofTarget = (target: EnvironmentTarget | undefined): string[] =>
  target === undefined ? [] : [`of ${target.job}/${target.instance}`];

/** @param variables the environment table */
export const fakeUpstart = (
  jobs: Readonly<Record<string, FakeJob>>,
  variables: readonly string[] = [],
): FakeUpstart => {
  const calls: string[] = [];
  const note = (...words: readonly string[]): void => {
    calls.push(words.join(' '));
  };
  const find = async (name: string): Promise<RemoteJob> => {
    const job = jobs[name];
    if (job === undefined) throw new DBusError(`${UPSTART}.UnknownJob`, `Unknown job: ${name}`);
    return fakeJob(name, job, calls);
  };
  const client: UpstartClient = {
    inSession: () => client,
    get init1() {
      return unsupported('init1')();
    },
    version: async () => 'init (upstart 1.13.2)',
    logPriority: async () => 'message',
    setLogPriority: async (priority) => {
      calls.push(`log-priority ${priority}`);
    },
    jobs: () => Promise.all(Object.keys(jobs).map(find)),
    job: (name) => handle(find(name)),
    jobAt: unsupported('jobAt'),
    instanceAt: unsupported('instanceAt'),
    list: unsupported('list'),
    definitions: () =>
      Promise.all(
        Object.keys(jobs).map(async (name) => {
          const job = await find(name);
          return { path: job.path, properties: await job.properties() };
        }),
      ),
    emit: async (name, env = [], { wait = true } = {}) => {
      calls.push(['emit', name, ...env, ...(wait ? [] : ['without waiting'])].join(' '));
    },
    emitWithFile: unsupported('emitWithFile'),
    state: unsupported('state'),
    restart: async () => note('restart'),
    notifyDiskWriteable: async () => note('notify-disk-writeable'),
    notifyDBusAddress: async (address) => note('notify-dbus-address', address),
    notifyCGroupManagerAddress: async (address) => note('notify-cgroup-manager-address', address),
    endSession: unsupported('endSession'),
    reloadConfiguration: async () => {
      calls.push('reload-configuration');
    },
    getEnv: async (name) => {
      const entry = variables.find((variable) => variable.startsWith(`${name}=`));
      if (entry === undefined)
        throw new DBusError('org.freedesktop.DBus.Error.InvalidArgs', `No such variable: ${name}`);
      return entry.slice(name.length + 1);
    },
    setEnv: async (list, { replace = true, target } = {}) =>
      note('set-env', ...list, ...(replace ? [] : ['retain']), ...ofTarget(target)),
    unsetEnv: async (names, target) => note('unset-env', ...names, ...ofTarget(target)),
    listEnv: async () => [...variables],
    resetEnv: async (target) => note('reset-env', ...ofTarget(target)),
    events: unsupported('events'),
    rawCall: unsupported('rawCall'),
    closed: new Promise(() => {}),
    close: () => {
      fake.closed = true;
    },
  };
  const fake: FakeUpstart = { client, calls, closed: false };
  return fake;
};
