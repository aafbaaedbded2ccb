import type { Caller, InstanceRef, InstanceView, JobView, LogPriority, Notification, Reply } from '@maverick/engine';

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

/**
 * What the D-Bus surface needs of a daemon. Everything is synchronous and answers come by call-back, so that replies and
 * signals leave in the order in which things happened.
 */
export interface UpstartModel {
  /** The `version` property: `init (upstart 1.13.2)`. */
  readonly version: string;
  readonly logPriority: LogPriority;
  setLogPriority(priority: LogPriority): void;
  /** The registered job classes that the caller may see, in the order of definition. */
  jobs(): readonly JobView[];
  job(name: string): JobView | undefined;
  instance(job: string, instance: string): InstanceView | undefined;
  /** What a start of the job with this environment would call its instance. */
  instanceName(job: string, env: readonly string[]): { ok: true; name: string } | Extract<Reply, { ok: false }>;
  command(command: JobCommand, answer: (reply: Reply) => void): void;
  /** Send the job's `reload signal` to the main process of an instance. */
  reload(job: string, instance: string, answer: (reply: Reply) => void): void;
  emit(
    event: {
      readonly name: string;
      readonly env: readonly string[];
      readonly wait: boolean;
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

/** An instance's D-Bus path element and its owner's; kept here so that both sides of the wire agree. */
export type { InstanceRef };
