import type { LogPriority } from '@maverick/engine';
import type { Connection } from './connection.js';
import type { EventStream } from './event-stream.js';
import { MANAGER, type Values } from './interfaces.js';
import { listJobs } from './job-list.js';
import { MANAGER_PATH } from './object-path.js';
import { callMethod, getProperty, setProperty } from './remote-call.js';
import { remoteInstance, remoteJob } from './remote-objects.js';
import type {
  EnvironmentTarget,
  ListedJob,
  RemoteInstance,
  RemoteJob,
  UpstartClient,
  UpstartEvent,
  WaitOption,
} from './upstart-client.js';
import type { Value } from './value.js';

/** `job_details` of the environment methods. */
const details = (target: EnvironmentTarget | undefined): readonly string[] =>
  target === undefined ? [] : [target.job, target.instance];

/** The client over a connection that has no bus names. */
export class PrivateClient implements UpstartClient {
  readonly closed: Promise<void>;
  private readonly connection: Connection;
  private readonly stream: EventStream;

  constructor(connection: Connection, events: EventStream, closed: Promise<void>) {
    this.connection = connection;
    this.stream = events;
    this.closed = closed;
  }

  async version(): Promise<string> {
    return String(await getProperty(this.connection, MANAGER_PATH, MANAGER, 'version'));
  }

  async logPriority(): Promise<LogPriority> {
    return (await getProperty(this.connection, MANAGER_PATH, MANAGER, 'log_priority')) as LogPriority;
  }

  setLogPriority(priority: LogPriority): Promise<void> {
    return setProperty(this.connection, MANAGER_PATH, MANAGER, 'log_priority', priority);
  }

  async jobs(): Promise<RemoteJob[]> {
    const [paths] = await this.manage('GetAllJobs', []);
    return paths.map((path) => this.jobAt(path));
  }

  async job(name: string): Promise<RemoteJob> {
    const [path] = await this.manage('GetJobByName', [name]);
    return this.jobAt(path);
  }

  jobAt(path: string): RemoteJob {
    return remoteJob(this.connection, path);
  }

  instanceAt(path: string): RemoteInstance {
    return remoteInstance(this.connection, path);
  }

  list(): Promise<ListedJob[]> {
    return listJobs(this.connection);
  }

  async emit(name: string, env: readonly string[] = [], { wait = true }: WaitOption = {}): Promise<void> {
    await this.manage('EmitEvent', [name, env, wait]);
  }

  async reloadConfiguration(): Promise<void> {
    await this.manage('ReloadConfiguration', []);
  }

  async getEnv(name: string, target?: EnvironmentTarget): Promise<string> {
    const [value] = await this.manage('GetEnv', [details(target), name]);
    return value;
  }

  async setEnv(
    variables: readonly string[],
    { replace = true, target }: { replace?: boolean; target?: EnvironmentTarget } = {},
  ): Promise<void> {
    await this.manage('SetEnvList', [details(target), variables, replace]);
  }

  async unsetEnv(names: readonly string[], target?: EnvironmentTarget): Promise<void> {
    await this.manage('UnsetEnvList', [details(target), names]);
  }

  async listEnv(target?: EnvironmentTarget): Promise<string[]> {
    const [env] = await this.manage('ListEnv', [details(target)]);
    return [...env];
  }

  async resetEnv(target?: EnvironmentTarget): Promise<void> {
    await this.manage('ResetEnv', [details(target)]);
  }

  events(): AsyncIterableIterator<UpstartEvent> {
    return this.stream.read();
  }

  async rawCall(
    path: string,
    iface: string,
    member: string,
    signature = '',
    body: readonly Value[] = [],
  ): Promise<Value[]> {
    const answer = await this.connection.call({ path, interface: iface, member, signature, body });
    return [...answer.body];
  }

  close(): void {
    this.connection.close();
  }

  private manage<M extends keyof typeof MANAGER.methods>(
    member: M,
    body: Values<(typeof MANAGER.methods)[M]['in']>,
  ): Promise<Values<(typeof MANAGER.methods)[M]['out']>> {
    return callMethod(this.connection, MANAGER_PATH, MANAGER, member, body);
  }
}
