import type { Caller, InstanceView, JobView, LogPriority, Notification, Reply } from '@maverick/engine';

/** Who sent a message, from the kernel's word (private socket) or the bus daemon's. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** A command on a job, as D-Bus gives it. */
export interface JobCommand {
  readonly kind: 'start' | 'stop' | 'restart';
  readonly job: string;
  /** The instance by name (`Instance.Start` …); absent: the `instance` stanza expanded with `env` names it. */
  readonly instance?: string;
  readonly env?: readonly string[];
  readonly wait: boolean;
  readonly caller?: Caller;
}

/** Which environment table is meant: the global one (absent), or that of an instance that exists. */
export type EnvironmentTarget = { readonly job: string; readonly instance: string } | undefined;

/** The job environment tables. */
export interface EnvironmentModel {
  /** The whole table, `KEY=VALUE`. */
  list(target: EnvironmentTarget): readonly string[];
  /** Set `KEY=VALUE` variables; `replace` false keeps what is already set. */
  set(variables: readonly string[], replace: boolean, target: EnvironmentTarget, answer: (reply: Reply) => void): void;
  /** Forget variables; one that is not set is no error. */
  unset(names: readonly string[], target: EnvironmentTarget, answer: (reply: Reply) => void): void;
  /** Back to the defaults. */
  reset(target: EnvironmentTarget, answer: (reply: Reply) => void): void;
}

/**
 * What only some daemons can do. A member that is absent makes its D-Bus method answer
 * `org.freedesktop.DBus.Error.NotSupported`.
 */
export interface OptionalModel {
  readonly environment?: EnvironmentModel;
  /** The state as JSON text, as a re-exec would save it. */
  state?(): string;
  /** Re-execute the daemon, keeping its state. */
  reexec?(answer: (reply: Reply) => void): void;
  /** Logs that were held because the disk was read-only can be written now. */
  notifyDiskWriteable?(answer: (reply: Reply) => void): void;
  /** A bus has come up at this address. */
  notifyDBusAddress?(address: string, answer: (reply: Reply) => void): void;
  notifyCGroupManagerAddress?(address: string, answer: (reply: Reply) => void): void;
  /** Stop everything and exit: a user logs out. */
  endSession?(answer: (reply: Reply) => void): void;
}

/**
 * What the D-Bus surface needs of a daemon. Everything is synchronous and answers come by call-back, so that replies and
 * signals leave in the order in which things happened.
 */
export interface UpstartModel extends OptionalModel {
  /** The `version` property: `init (upstart 1.13.2)`. */
  readonly version: string;
  readonly logPriority: LogPriority;
  setLogPriority(priority: LogPriority): void;
  /** The registered job classes that the caller may see, in the order of definition. */
  jobs(): readonly JobView[];
  job(name: string): JobView | undefined;
  instance(job: string, instance: string): InstanceView | undefined;
  /** What a start of the job with this environment would call its instance. An error shows the job's usage, if it has one. */
  instanceName(job: string, env: readonly string[]): { ok: true; name: string } | Extract<Reply, { ok: false }>;
  command(command: JobCommand, answer: (reply: Reply) => void): void;
  /** Send the job's `reload signal` to the main process of an instance. */
  reload(job: string, instance: string, answer: (reply: Reply) => void): void;
  emit(
    event: {
      readonly name: string;
      readonly env: readonly string[];
      readonly wait: boolean;
      /** Open descriptors that are the model's from now on, also where it answers with an error. */
      readonly fds?: readonly number[];
      readonly caller?: Caller;
    },
    answer: (reply: Reply) => void,
  ): void;
  /** Read every configuration directory again. */
  reloadConfiguration(): void;
  /** The job process a PID belongs to or descends from. */
  callerOf(pid: number): Caller | undefined;
  /** Hear every notification of the engine, in order. Returns what ends it. */
  subscribe(listener: (notification: Notification) => void): () => void;
}
