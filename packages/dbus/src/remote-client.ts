import type { LogPriority } from '@maverick/engine';
import { DisconnectedError } from './call-errors.js';
import type { CallOptions } from './call-options.js';
import { readEvents } from './event-stream.js';
import type { Init1Client } from './init1-client.js';
import { MANAGER, type Values } from './interfaces.js';
import { listDefinitions, listJobs } from './job-list.js';
import { MANAGER_PATH, sessionPath } from './object-path.js';
import type { Remote } from './remote.js';
import { callMethod, getProperty, setProperty } from './remote-call.js';
import { remoteInit1 } from './remote-init1.js';
import { jobHandle, remoteInstance, remoteJob } from './remote-objects.js';
import type { SignalSource } from './signal-source.js';
import type {
  EnvironmentTarget,
  EventOptions,
  JobHandle,
  ListedDefinition,
  ListedJob,
  RemoteInstance,
  RemoteJob,
  SetEnvOptions,
  UpstartClient,
  UpstartEvent,
  WaitOption,
} from './upstart-client.js';
import type { Value } from './value.js';

/** `job_details` of the environment methods. */
const details = (target: EnvironmentTarget | undefined): readonly string[] =>
  target === undefined ? [] : [target.job, target.instance];

/** What a client needs of its connection beside calls. */
export interface ClientConnection {
  readonly closed: Promise<void>;
  close(): void;
  readonly signals: SignalSource;
}

/** Everything that is asked of the manager is asked of that of one session. */
const inSession = (remote: Remote, session: string): Remote => {
  const path = sessionPath(session);
  return {
    call: (call, options) => remote.call(call.path === MANAGER_PATH ? { ...call, path } : call, options),
  };
};

/** The client, whatever lies between it and the daemon. */
export class RemoteClient implements UpstartClient {
  readonly closed: Promise<void>;
  readonly init1: Init1Client;
  private readonly remote: Remote;
  private readonly connection: ClientConnection;

  constructor(remote: Remote, connection: ClientConnection) {
    this.remote = remote;
    this.connection = connection;
    this.closed = connection.closed;
    this.init1 = remoteInit1(remote, connection.signals);
  }

  inSession(session: string): UpstartClient {
    return new RemoteClient(inSession(this.remote, session), this.connection);
  }

  async version(options?: CallOptions): Promise<string> {
    return String(await getProperty(this.remote, MANAGER_PATH, MANAGER, 'version', options));
  }

  async logPriority(options?: CallOptions): Promise<LogPriority> {
    return (await getProperty(this.remote, MANAGER_PATH, MANAGER, 'log_priority', options)) as LogPriority;
  }

  setLogPriority(priority: LogPriority, options?: CallOptions): Promise<void> {
    return setProperty(this.remote, MANAGER_PATH, MANAGER, 'log_priority', priority, options);
  }

  async jobs(options?: CallOptions): Promise<RemoteJob[]> {
    const [paths] = await this.manage('GetAllJobs', [], options);
    return paths.map((path) => this.jobAt(path));
  }

  job(name: string, options?: CallOptions): JobHandle {
    return jobHandle(this.manage('GetJobByName', [name], options).then(([path]) => this.jobAt(path)));
  }

  jobAt(path: string): RemoteJob {
    return remoteJob(this.remote, path);
  }

  instanceAt(path: string): RemoteInstance {
    return remoteInstance(this.remote, path);
  }

  list(options?: CallOptions): Promise<ListedJob[]> {
    return listJobs(this.remote, options);
  }

  definitions(options?: CallOptions): Promise<ListedDefinition[]> {
    return listDefinitions(this.remote, options);
  }

  async emit(name: string, env: readonly string[] = [], { wait = true, ...options }: WaitOption = {}): Promise<void> {
    await this.manage('EmitEvent', [name, env, wait], options);
  }

  async emitWithFile(
    name: string,
    fd: number,
    env: readonly string[] = [],
    { wait = true, ...options }: WaitOption = {},
  ): Promise<void> {
    await this.manage('EmitEventWithFile', [name, env, wait, fd], options);
  }

  async reloadConfiguration(options?: CallOptions): Promise<void> {
    await this.manage('ReloadConfiguration', [], options);
  }

  async state(options?: CallOptions): Promise<string> {
    const [state] = await this.manage('GetState', [], options);
    return state;
  }

  async restart(options?: CallOptions): Promise<void> {
    try {
      await this.manage('Restart', [], options);
    } catch (error) {
      if (!(error instanceof DisconnectedError)) throw error;
    }
  }

  async getEnv(name: string, target?: EnvironmentTarget, options?: CallOptions): Promise<string> {
    const [value] = await this.manage('GetEnv', [details(target), name], options);
    return value;
  }

  async setEnv(
    variables: readonly string[],
    { replace = true, target, ...options }: SetEnvOptions = {},
  ): Promise<void> {
    await this.manage('SetEnvList', [details(target), variables, replace], options);
  }

  async unsetEnv(names: readonly string[], target?: EnvironmentTarget, options?: CallOptions): Promise<void> {
    await this.manage('UnsetEnvList', [details(target), names], options);
  }

  async listEnv(target?: EnvironmentTarget, options?: CallOptions): Promise<string[]> {
    const [env] = await this.manage('ListEnv', [details(target)], options);
    return [...env];
  }

  async resetEnv(target?: EnvironmentTarget, options?: CallOptions): Promise<void> {
    await this.manage('ResetEnv', [details(target)], options);
  }

  async notifyDiskWriteable(options?: CallOptions): Promise<void> {
    await this.manage('NotifyDiskWriteable', [], options);
  }

  async notifyDBusAddress(address: string, options?: CallOptions): Promise<void> {
    await this.manage('NotifyDBusAddress', [address], options);
  }

  async notifyCGroupManagerAddress(address: string, options?: CallOptions): Promise<void> {
    await this.manage('NotifyCGroupManagerAddress', [address], options);
  }

  async endSession(options?: CallOptions): Promise<void> {
    await this.manage('EndSession', [], options);
  }

  events(options: EventOptions = {}): AsyncIterableIterator<UpstartEvent> {
    return readEvents(this.connection.signals, options);
  }

  async rawCall(
    path: string,
    iface: string,
    member: string,
    signature = '',
    body: readonly Value[] = [],
    options?: CallOptions,
  ): Promise<Value[]> {
    const answer = await this.remote.call({ path, interface: iface, member, signature, body }, options);
    return [...answer.body];
  }

  close(): void {
    this.connection.close();
  }

  private manage<M extends keyof typeof MANAGER.methods>(
    member: M,
    body: Values<(typeof MANAGER.methods)[M]['in']>,
    options?: CallOptions,
  ): Promise<Values<(typeof MANAGER.methods)[M]['out']>> {
    return callMethod(this.remote, MANAGER_PATH, MANAGER, member, body, options);
  }
}
