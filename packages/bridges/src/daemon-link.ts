import { DBusError, type UpstartClient, type UpstartEvent } from '@maverick/dbus/client';
import {
  type Bridge,
  type BridgeEvent,
  type BridgeKind,
  type Daemon,
  DaemonGoneError,
  type DescriptorKeeper,
  type FollowedJob,
  type Report,
} from './bridge.js';
import { soughtEvents } from './condition.js';
import { HeldDescriptors } from './held-descriptors.js';

/** How long to wait before the daemon is looked for again: a re-exec takes less than the first. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2_000;

/** What a call says that the daemon, or the connection to it, did not survive. */
const GONE: ReadonlySet<string> = new Set(
  ['Disconnected', 'NameHasNoOwner', 'NoReply'].map((name) => `org.freedesktop.DBus.Error.${name}`),
);

export interface DaemonLinkOptions {
  readonly kind: BridgeKind;
  readonly connect: () => Promise<UpstartClient>;
  /** @see Daemon.runtimeDir */
  readonly runtimeDir?: string | undefined;
  /** Default: nothing is kept for the bridge after this one. */
  readonly keeper?: DescriptorKeeper;
  /** The object path of the instance whose process this is. Absent: none that is known. */
  readonly ownInstance?: string;
  readonly report: Report;
}

/**
 * A bridge and its daemon: the bridge learns of jobs and instances, and emits. A daemon that goes away, or executes itself
 * anew, is looked for until it is back.
 */
export class DaemonLink implements Daemon {
  readonly runtimeDir: string | undefined;
  readonly keeper: DescriptorKeeper;
  readonly report: Report;
  readonly #options: DaemonLinkOptions;
  readonly #bridge: Bridge;
  readonly #instances = new Map<string, Set<string>>();
  readonly #starts = new Map<string, number>();
  #client: UpstartClient | undefined;
  #refreshing: 'no' | 'now' | 'again' = 'no';
  #followed: () => void = () => {};
  #wasLost = false;
  #closed = false;
  #endWait: () => void = () => {};

  constructor(options: DaemonLinkOptions) {
    this.#options = options;
    this.report = options.report;
    this.runtimeDir = options.runtimeDir;
    this.keeper = options.keeper ?? new HeldDescriptors();
    this.#bridge = options.kind.make(this);
  }

  /**
   * Follow the daemon until closed.
   * @param onReady called once the bridge knows the daemon's jobs for the first time
   */
  async run(onReady: () => void): Promise<void> {
    this.#followed = onReady;
    let waitMs = FIRST_WAIT_MS;
    while (!this.#closed) {
      try {
        const client = await this.#options.connect();
        waitMs = FIRST_WAIT_MS;
        await this.#attend(client);
      } catch (error) {
        this.report(waitMs === FIRST_WAIT_MS ? 'warn' : 'debug', `Could not connect to Upstart: ${textOf(error)}`);
      }
      if (this.#closed) return;
      await this.#wait(waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  async emit(event: BridgeEvent): Promise<void> {
    // Answers and signals come in order: with the second, everything that the event has done at once has come.
    await this.#ask(async (client) => {
      await this.#send(client, event);
      await client.version();
    });
    await new Promise(setImmediate);
  }

  async tell(event: BridgeEvent): Promise<void> {
    await this.#ask((client) => this.#send(client, event));
  }

  instancesOf(job: string): ReadonlySet<string> {
    return this.#instances.get(job) ?? new Set();
  }

  startsOf(job: string): number {
    return this.#starts.get(job) ?? 0;
  }

  /** End. What is kept for the next process of the job goes on without us; where there is to be none, everything goes. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#bridge.close(await this.#comesBack());
    this.#client?.close();
    this.#endWait();
  }

  async #ask(calls: (client: UpstartClient) => Promise<void>): Promise<void> {
    if (this.#client === undefined) throw new DaemonGoneError('Disconnected from Upstart');
    try {
      await calls(this.#client);
    } catch (error) {
      throw error instanceof DBusError && GONE.has(error.name) ? new DaemonGoneError(error.message) : error;
    }
  }

  #send(client: UpstartClient, { env, fd, name = this.#options.kind.event }: BridgeEvent): Promise<void> {
    return fd === undefined
      ? client.emit(name, env, { wait: false })
      : client.emitWithFile(name, fd, env, { wait: false });
  }

  /** Whoever stops a job for good sets its goal to stop; a restart sets it to start again before the process is told to end. */
  async #comesBack(): Promise<boolean> {
    const { ownInstance } = this.#options;
    if (ownInstance === undefined || this.#client === undefined) return false;
    try {
      return (await this.#client.instanceAt(ownInstance).status()).goal === 'start';
    } catch {
      // Gone: nobody is left to start us again.
      return false;
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Until the connection ends. */
  async #attend(client: UpstartClient): Promise<void> {
    const events = client.events();
    this.#client = client;
    try {
      this.#refresh(client);
      for await (const event of events) this.#happened(client, event);
    } finally {
      this.#client = undefined;
      client.close();
      if (!this.#closed) {
        this.report('info', 'Disconnected from Upstart');
        this.#wasLost = true;
        this.#bridge.lost();
      }
    }
  }

  #happened(client: UpstartClient, event: UpstartEvent): void {
    switch (event.kind) {
      case 'job-added':
      case 'job-removed':
      case 'daemon-came':
        this.#refresh(client);
        break;
      case 'daemon-left':
        this.#bridge.lost();
        break;
      case 'instance-added':
        this.#starts.set(event.job, this.startsOf(event.job) + 1);
        this.#instances.set(event.job, new Set([...this.instancesOf(event.job), event.instance]));
        this.#bridge.instancesChanged(event.job);
        break;
      case 'instance-removed':
        this.#instances.get(event.job)?.delete(event.instance);
        this.#bridge.instancesChanged(event.job);
        break;
    }
  }

  /** Look at all jobs, once for any number of changes that come together. */
  #refresh(client: UpstartClient): void {
    if (this.#refreshing !== 'no') {
      this.#refreshing = 'again';
      return;
    }
    this.#refreshing = 'now';
    void this.#readJobs(client).then(
      () => this.#refreshed(client),
      (error: unknown) => {
        this.#refreshing = 'no';
        if (this.#client !== client) {
          if (this.#client !== undefined) this.#refresh(this.#client);
        } else this.report('warn', `Could not read the jobs: ${textOf(error)}`);
      },
    );
  }

  #refreshed(client: UpstartClient): void {
    const again = this.#refreshing === 'again';
    this.#refreshing = 'no';
    if (this.#client === undefined) return;
    if (again || this.#client !== client) this.#refresh(this.#client);
    else {
      this.#followed();
      this.#followed = () => {};
      if (this.#wasLost) this.#isBack();
    }
  }

  #isBack(): void {
    this.#wasLost = false;
    this.report('info', 'Connected to Upstart again');
    this.keeper.renew();
  }

  async #readJobs(client: UpstartClient): Promise<void> {
    const [definitions, listed] = await Promise.all([client.definitions(), client.list()]);
    if (this.#client !== client) return;
    this.#instances.clear();
    for (const { path, instances } of listed) {
      if (instances.length > 0) this.#instances.set(path, new Set(instances.map((instance) => instance.path)));
    }
    const { kind } = this.#options;
    const jobs = definitions.map(
      ({ path, properties }): FollowedJob => ({
        path,
        name: properties.name,
        start: soughtEvents(properties.startOn, kind),
        stop: soughtEvents(properties.stopOn, kind),
      }),
    );
    await this.#bridge.follow(jobs.filter(({ start, stop }) => start.length > 0 || stop.length > 0));
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
