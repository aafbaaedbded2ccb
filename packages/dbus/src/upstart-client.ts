import type { Goal, JobState, LogPriority } from '@maverick/engine';
import type { CallOptions } from './call-options.js';
import type { Init1Client } from './init1-client.js';
import type { Value, Variant } from './value.js';

/** How long a command on a job or an event waits. */
export interface WaitOption extends CallOptions {
  /** True (the default): answer with the outcome. False: answer as soon as the goal is set or the event is queued. */
  readonly wait?: boolean;
}

/** One live process of an instance, as the `processes` property lists it. */
export interface RemoteProcess {
  /** `main`, `pre-start` … */
  readonly role: string;
  readonly pid: number;
}

/** Every property of an instance, read in one call. */
export interface InstanceStatus {
  /** `''` for a job that has only one instance. */
  readonly name: string;
  readonly goal: Goal;
  readonly state: JobState;
  /** In the order of the daemon: main, pre-start, post-start, pre-stop, post-stop, security. */
  readonly processes: readonly RemoteProcess[];
  /** Those that have stopped before their programs, for `debug`; absent if there are none. Only {@link RemoteInstance.status} has it. */
  readonly paused?: readonly RemoteProcess[];
  /** The broken file because of which the job keeps an older definition; absent if there is none. As `paused`. */
  readonly staleBecauseOf?: string;
}

/** Every property of a job class. One that the daemon does not have (an older Upstart) is `undefined`. */
export interface JobProperties {
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly version: string;
  readonly usage: string | undefined;
  /** The condition in reverse Polish order: `[event, argument…]`, `['/AND']`, `['/OR']`. */
  readonly startOn: readonly (readonly string[])[] | undefined;
  /** As {@link startOn}. */
  readonly stopOn: readonly (readonly string[])[] | undefined;
  readonly emits: readonly string[] | undefined;
  /** The states while which it runs, as text; `''` for none. Only this daemon has it. */
  readonly while: string | undefined;
  /** The broken file because of which the job keeps an older definition; `''` for none. Only this daemon has it. */
  readonly staleBecauseOf: string | undefined;
  /** The path of its `.conf`; `''` for a job that has none. Only this daemon has it. */
  readonly file: string | undefined;
  /** The path of the override that is in force; `''` for none. Only this daemon has it. */
  readonly overrideFile: string | undefined;
}

/** An instance on the other side, named by its object path. It may be gone by now: every call can answer `UnknownMethod`. */
export interface RemoteInstance {
  /** The object path. */
  readonly path: string;
  /** Name, goal, state and processes, all of one moment. */
  status(options?: CallOptions): Promise<InstanceStatus>;
  start(options?: WaitOption): Promise<void>;
  stop(options?: WaitOption): Promise<void>;
  restart(options?: WaitOption): Promise<void>;
  /** Send the job's reload signal to the main process. */
  reload(options?: CallOptions): Promise<void>;
}

/**
 * A job class on the other side. `env` entries are `KEY=VALUE`; they select the instance by the `instance` stanza.
 * A failed call rejects with a `DBusError` whose `name` is the D-Bus error name.
 */
export interface RemoteJob {
  /** The object path. */
  readonly path: string;
  start(env?: readonly string[], options?: WaitOption): Promise<RemoteInstance>;
  stop(env?: readonly string[], options?: WaitOption): Promise<void>;
  restart(env?: readonly string[], options?: WaitOption): Promise<RemoteInstance>;
  /**
   * The file that the output of the instance of this name goes to, running or not; `''` where it goes elsewhere. Only this
   * daemon knows: others reject with `UnknownMethod`.
   */
  logFile(instance?: string, options?: CallOptions): Promise<string>;
  /** The existing instance that a start with this environment would mean. */
  getInstance(env?: readonly string[], options?: CallOptions): Promise<RemoteInstance>;
  /** The existing instance of this name; `''` is the plain one. */
  getInstanceByName(name: string, options?: CallOptions): Promise<RemoteInstance>;
  instances(options?: CallOptions): Promise<RemoteInstance[]>;
  properties(options?: CallOptions): Promise<JobProperties>;
}

/**
 * A job that is looked up by its name: await it, or tell it at once what to do (`upstart.job('web').start()`). Then it
 * is the command that rejects with `com.ubuntu.Upstart0_6.Error.UnknownJob`.
 */
export type JobHandle = Promise<RemoteJob> & Omit<RemoteJob, 'path'>;

/** A job and its instances, as {@link UpstartClient.list} reads them. */
export interface ListedJob {
  readonly path: string;
  readonly name: string;
  readonly instances: readonly { readonly path: string; readonly status: InstanceStatus }[];
}

/** A job and its properties, as {@link UpstartClient.definitions} reads them. */
export interface ListedDefinition {
  readonly path: string;
  readonly properties: JobProperties;
}

/** Something the daemon told everybody. Paths are object paths. */
export type UpstartEvent =
  | { readonly kind: 'job-added' | 'job-removed'; readonly job: string }
  /** An event has finished (not: was emitted). */
  | { readonly kind: 'event-emitted'; readonly name: string; readonly env: readonly string[] }
  /** The daemon has re-executed itself. */
  | { readonly kind: 'restarted' }
  /**
   * Properties have other values now, on the object at `path`. Only this daemon says so.
   * `invalidated` are properties whose value is to be asked for.
   */
  | {
      readonly kind: 'properties-changed';
      readonly path: string;
      readonly interface: string;
      readonly changed: ReadonlyMap<string, Variant>;
      readonly invalidated: readonly string[];
    }
  /** On a bus: the daemon has gone, or one has come (a restart is both). What was known of jobs may not hold any more. */
  | { readonly kind: 'daemon-left' | 'daemon-came' }
  | { readonly kind: 'instance-added' | 'instance-removed'; readonly job: string; readonly instance: string }
  | { readonly kind: 'goal-changed'; readonly instance: string; readonly goal: Goal }
  | { readonly kind: 'state-changed'; readonly instance: string; readonly state: JobState }
  /** First failure of a run. `status`: exit code, signal × 256, or -1 where the process could not be spawned. */
  | { readonly kind: 'failed'; readonly instance: string; readonly status: number };

/** What {@link UpstartClient.events} is to tell. */
export interface EventOptions {
  /** `properties-changed`, too: most of it is told by the other events. Default false. */
  readonly properties?: boolean;
}

/** The global environment table (absent), or that of one instance. */
export interface EnvironmentTarget {
  readonly job: string;
  /** `''` for the plain instance. */
  readonly instance: string;
}

/** What {@link UpstartClient.setEnv} takes. */
export interface SetEnvOptions extends CallOptions {
  /** False keeps what is already set. Default true. */
  readonly replace?: boolean;
  readonly target?: EnvironmentTarget;
}

/**
 * A connection to an Upstart daemon, this one or the original. Calls have no time limit: they answer when the daemon
 * does, or when their `signal` is aborted.
 */
export interface UpstartClient {
  /**
   * The same daemon in another session than the caller's: `''` is the system's. What the caller may do there is as ever; a session
   * that is not there for them rejects each call with `org.freedesktop.DBus.Error.UnknownMethod`, and so does another daemon.
   */
  inSession(session: string): UpstartClient;
  /** What this daemon has beyond the original. */
  readonly init1: Init1Client;
  /** The daemon's `version` property, such as `init (upstart 1.13.2)`. */
  version(options?: CallOptions): Promise<string>;
  logPriority(options?: CallOptions): Promise<LogPriority>;
  setLogPriority(priority: LogPriority, options?: CallOptions): Promise<void>;
  /** Every job class, in the daemon's order. */
  jobs(options?: CallOptions): Promise<RemoteJob[]>;
  /** The job class of this name. Rejects with `com.ubuntu.Upstart0_6.Error.UnknownJob`. */
  job(name: string, options?: CallOptions): JobHandle;
  /** A job class by its object path, without asking whether it exists. */
  jobAt(path: string): RemoteJob;
  /** An instance by its object path, without asking whether it exists. */
  instanceAt(path: string): RemoteInstance;
  /**
   * Every job with its instances, in the daemon's order: one call, or three round trips where the daemon has no such
   * call. What vanishes meanwhile is left out.
   */
  list(options?: CallOptions): Promise<ListedJob[]>;
  /** Every job with its properties, in the daemon's order: one call, or two round trips. */
  definitions(options?: CallOptions): Promise<ListedDefinition[]>;
  /** Queue an event; with `wait`, until nothing blocks it any more. */
  emit(name: string, env?: readonly string[], options?: WaitOption): Promise<void>;
  /**
   * Queue an event that brings an open descriptor to the jobs it starts, which find its number in `UPSTART_FDS`. Yours
   * stays open, and must until this settles.
   */
  emitWithFile(name: string, fd: number, env?: readonly string[], options?: WaitOption): Promise<void>;
  reloadConfiguration(options?: CallOptions): Promise<void>;
  /** The daemon's whole state, as JSON text. */
  state(options?: CallOptions): Promise<string>;
  /** Have the daemon re-execute itself. The connection may end with it: that is an answer, too. */
  restart(options?: CallOptions): Promise<void>;
  /** The value of one variable of a job environment table. */
  getEnv(name: string, target?: EnvironmentTarget, options?: CallOptions): Promise<string>;
  /** Set `KEY=VALUE` variables. */
  setEnv(variables: readonly string[], options?: SetEnvOptions): Promise<void>;
  unsetEnv(names: readonly string[], target?: EnvironmentTarget, options?: CallOptions): Promise<void>;
  /** The whole table, `KEY=VALUE`, in no promised order. */
  listEnv(target?: EnvironmentTarget, options?: CallOptions): Promise<string[]>;
  resetEnv(target?: EnvironmentTarget, options?: CallOptions): Promise<void>;
  /** Logs that were held because the disk was read-only can be written now. */
  notifyDiskWriteable(options?: CallOptions): Promise<void>;
  /** Have the daemon join the bus at this address. */
  notifyDBusAddress(address: string, options?: CallOptions): Promise<void>;
  notifyCGroupManagerAddress(address: string, options?: CallOptions): Promise<void>;
  /** Have a Session Init stop everything and exit. */
  endSession(options?: CallOptions): Promise<void>;
  /**
   * What happens from now on, until the connection ends (the iteration ends) or the loop is left. Events are kept for an
   * iterator from the moment of this call, so nothing is missed between the call and the first `next`.
   */
  events(options?: EventOptions): AsyncIterableIterator<UpstartEvent>;
  /** Call any member of any object. `body` is as `signature` says. @returns the values of the answer */
  rawCall(
    path: string,
    iface: string,
    member: string,
    signature?: string,
    body?: readonly Value[],
    options?: CallOptions,
  ): Promise<Value[]>;
  /** Settles when the connection has ended, by whichever side. Never rejects. */
  readonly closed: Promise<void>;
  /** End the connection. Open calls reject with `org.freedesktop.DBus.Error.Disconnected`. */
  close(): void;
}
