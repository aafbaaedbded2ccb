import type { SoughtEvent } from './condition.js';

/** How a bridge tells people of what it does. The program decides where that goes. */
export type Report = (priority: 'error' | 'warn' | 'info' | 'debug', message: string) => void;

/** A job with a condition that names the bridge's event. */
export interface FollowedJob {
  /** The object path. */
  readonly path: string;
  readonly name: string;
  /** What its `start on` wants of the event. */
  readonly start: readonly SoughtEvent[];
  readonly stop: readonly SoughtEvent[];
}

/** An event of a bridge. */
export interface BridgeEvent {
  /** Default: that of the bridge. */
  readonly name?: string;
  readonly env: readonly string[];
  /** A descriptor for the jobs that it starts; it stays the bridge's. */
  readonly fd?: number;
}

/** What a bridge has of the daemon. */
export interface Daemon {
  /**
   * Emit the bridge's event. What an emission does to jobs is known when this resolves: instances are there.
   * Rejects where the daemon does not take it, or has gone meanwhile.
   */
  emit(event: BridgeEvent): Promise<void>;
  /** As {@link emit}, for whom it is enough that the daemon has it. Events come in the order of the calls. */
  tell(event: BridgeEvent): Promise<void>;
  /** Object paths of a job's instances; none of a job that is not there. */
  instancesOf(job: string): ReadonlySet<string>;
  /** How often a job has got an instance since this was made. */
  startsOf(job: string): number;
  /** Where files lie that are to be there until the machine is booted again. Undefined: there is no such place. */
  readonly runtimeDir: string | undefined;
  readonly report: Report;
}

/** What turns happenings of one kind into events. */
export interface Bridge {
  /** The jobs whose conditions name the event have changed: these are all. Again, too, once a daemon that was lost is back. */
  follow(jobs: readonly FollowedJob[]): void;
  /** A job has got or lost an instance. */
  instancesChanged(job: string): void;
  /** The daemon has gone. What happens is to be kept until {@link follow}. */
  lost(): void;
  close(): void;
}

/** A kind of bridge. */
export interface BridgeKind {
  readonly event: string;
  readonly make: (daemon: Daemon) => Bridge;
}
