import {
  type Bridge,
  type BridgeEvent,
  type BridgeKind,
  type Daemon,
  DaemonGoneError,
  type FollowedJob,
  HeldDescriptors,
  type Report,
  soughtEvents,
} from '@maverick/bridges';
import { toRpn } from '@maverick/conf';
import { instancePath, jobPath } from '@maverick/dbus';
import { type JobView, SYSTEM } from '@maverick/engine';
import { duplicate } from '@maverick/spawner';
import type { Supervisor, SupervisorEvent } from '@maverick/supervisor';

export interface InnerBridgeOptions {
  readonly kind: BridgeKind;
  /** @see Daemon.runtimeDir */
  readonly runtimeDir: string | undefined;
  /** What the bridge before has left, by name: this one's from now on. */
  readonly left: Iterable<readonly [name: string, fd: number]>;
  readonly report: Report;
}

/**
 * A bridge inside the daemon: to the bridge it is what `DaemonLink` is to one in a process of its own, without D-Bus between.
 * What happens is told to the bridge when the supervisor has done with it, never in between.
 */
export class InnerBridge implements Daemon {
  readonly runtimeDir: string | undefined;
  readonly keeper: HeldDescriptors;
  readonly report: Report;
  readonly #kind: BridgeKind;
  readonly #bridge: Bridge;
  readonly #starts = new Map<string, number>();
  /** The names of the jobs that it follows, by path. */
  #names: ReadonlyMap<string, string> = new Map();
  #supervisor: Supervisor | undefined;
  #unsubscribe: () => void = () => {};
  /** What it is to be told of. */
  #news: Set<string> | undefined;
  #haveJobsChanged = false;

  constructor({ kind, runtimeDir, left, report }: InnerBridgeOptions) {
    this.runtimeDir = runtimeDir;
    this.report = report;
    this.keeper = new HeldDescriptors(left);
    this.#kind = kind;
    this.#bridge = kind.make(this);
  }

  /** Work for this supervisor, whose jobs are known. */
  attach(supervisor: Supervisor): void {
    this.#supervisor = supervisor;
    this.#unsubscribe = supervisor.subscribe((event) => this.#happened(event));
    this.#follow(supervisor);
  }

  /** The supervisor takes nothing more. */
  detach(): void {
    if (this.#supervisor === undefined) return;
    this.#supervisor = undefined;
    this.#unsubscribe();
    this.#bridge.lost();
  }

  close(): void {
    this.detach();
    this.#bridge.close(false);
  }

  /** What the next bridge may go on with, by name. */
  get descriptors(): ReadonlyMap<string, number> {
    return this.keeper.all;
  }

  tell(event: BridgeEvent): Promise<void> {
    return this.emit(event);
  }

  async emit({ env, fd, name = this.#kind.event }: BridgeEvent): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === undefined) throw new DaemonGoneError('The daemon takes no events now');
    // Those of the event are the supervisor's to close.
    const fds = fd === undefined ? {} : { fds: [duplicate(fd)] };
    await new Promise<void>((resolve, reject) => {
      supervisor.request({ kind: 'emit', name, env, wait: false, ...fds }, (answer) => {
        if (answer.ok) resolve();
        else reject(new Error(answer.message));
      });
    });
  }

  instancesOf(job: string): ReadonlySet<string> {
    const name = this.#names.get(job);
    const instances = name === undefined ? [] : (this.#supervisor?.job(name)?.instances ?? []);
    return new Set(instances.map(({ ref }) => instancePath(ref)));
  }

  startsOf(job: string): number {
    return this.#starts.get(job) ?? 0;
  }

  #happened(event: SupervisorEvent): void {
    switch (event.kind) {
      case 'job-added':
      case 'job-removed':
      case 'job-redefined':
        if (event.session !== SYSTEM) return;
        this.#haveJobsChanged = true;
        this.#tellLater();
        break;
      case 'instance-added':
      case 'instance-removed': {
        if (event.instance.session !== SYSTEM) return;
        const job = jobPath(event.instance.job);
        if (event.kind === 'instance-added') this.#starts.set(job, this.startsOf(job) + 1);
        this.#tellLater().add(job);
        break;
      }
      default:
    }
  }

  #tellLater(): Set<string> {
    if (this.#news === undefined) {
      this.#news = new Set();
      queueMicrotask(() => this.#tell());
    }
    return this.#news;
  }

  #tell(): void {
    const jobs = this.#news ?? [];
    this.#news = undefined;
    const supervisor = this.#supervisor;
    if (supervisor === undefined) return;
    if (this.#haveJobsChanged) this.#follow(supervisor);
    else for (const job of jobs) if (this.#names.has(job)) this.#bridge.instancesChanged(job);
  }

  #follow(supervisor: Supervisor): void {
    this.#haveJobsChanged = false;
    const jobs = supervisor.jobs().map((job) => followed(job, this.#kind));
    const interested = jobs.filter(({ start, stop }) => start.length > 0 || stop.length > 0);
    this.#names = new Map(interested.map(({ path, name }) => [path, name]));
    this.#bridge.follow(interested);
  }
}

const followed = ({ name, definition }: JobView, kind: BridgeKind): FollowedJob => ({
  path: jobPath(name),
  name,
  start: soughtEvents(toRpn(definition.startOn), kind),
  stop: soughtEvents(toRpn(definition.stopOn), kind),
});
