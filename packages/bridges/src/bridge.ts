import type { SoughtEvent, WantedEvents } from './condition.js';

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

/**
 * Where descriptors are kept for the bridge that comes after this one: a respawned or restarted job, or the daemon that goes on
 * after a re-exec. A name is of one descriptor.
 */
export interface DescriptorKeeper {
  /** What the one before has left under this name: the caller's from now on. */
  take(name: string): number | undefined;
  /** Close what the one before has left under other names. */
  closeOthers(names: ReadonlySet<string>): void;
  /** Keep a descriptor, which stays the caller's to close: {@link forget} it before that. */
  keep(name: string, fd: number): void;
  forget(name: string): void;
  /** The daemon may have crashed, and know nothing of what it was given. */
  renew(): void;
}

/** The daemon went before it was known what became of an event. It may have taken it, or not. */
export class DaemonGoneError extends Error {
  static {
    Object.defineProperty(DaemonGoneError.prototype, 'name', { value: 'DaemonGoneError' });
  }
  readonly code = 'daemon-gone';
}

/** What a bridge has of the daemon. */
export interface Daemon {
  /**
   * Emit the bridge's event. What an emission does to jobs is known when this resolves: instances are there.
   * Rejects where the daemon does not take it, and with a {@link DaemonGoneError}.
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
  readonly keeper: DescriptorKeeper;
  readonly report: Report;
}

/** What turns happenings of one kind into events. */
export interface Bridge {
  /**
   * The jobs whose conditions name the event have changed: these are all. Again, too, once a daemon that was lost is back. The bridge
   * is ready when this settles for the first time.
   */
  follow(jobs: readonly FollowedJob[]): void | Promise<void>;
  /** A job has got or lost an instance. */
  instancesChanged(job: string): void;
  /** The daemon has gone. What happens is to be kept until {@link follow}. */
  lost(): void;
  /** @param comesBack another bridge takes this one's place at once, with what was kept for it */
  close(comesBack: boolean): void;
}

/** A bridge can't be as its options say. */
export class SettingError extends Error {
  static {
    Object.defineProperty(SettingError.prototype, 'name', { value: 'SettingError' });
  }
  readonly code = 'bad-setting';
}

/** A kind of bridge. */
export interface BridgeKind extends WantedEvents {
  /** The events that it emits, or patterns of their names, as its job says with `emits`. Default: the one event. */
  readonly emits?: readonly string[];
  readonly make: (daemon: Daemon) => Bridge;
}
