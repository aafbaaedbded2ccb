import { connect, SYSTEM_ADDRESS, type UpstartClient } from '@maverick/dbus/client';
import type { Bridge, BridgeKind, Daemon, FollowedJob } from './bridge.js';
import type { OwnOptions } from './option-table.js';
import { Outbox } from './outbox.js';
import { type Attended, Reconnect } from './reconnect.js';

export const EVENT_OPTIONS = {
  '--from': { argument: 'ADDRESS', help: 'take the events of the init daemon at this private socket' },
} as const satisfies OwnOptions;

interface EventBridgeOptions {
  /** The private socket of the daemon whose events are taken. Default: that of the system, by the bus where one is not root. */
  readonly from?: string | undefined;
}

/** What stands before the name of an event of the system. */
const PREFIX = ':sys:';

class EventBridge implements Bridge {
  readonly #outbox: Outbox;
  readonly #system: Reconnect<Attended>;
  #wanted: ReadonlySet<string> = new Set();

  constructor(daemon: Daemon, { from }: EventBridgeOptions) {
    this.#outbox = new Outbox(daemon);
    const target = from ?? (process.getuid?.() === 0 ? SYSTEM_ADDRESS : ({ bus: 'system' } as const));
    this.#system = new Reconnect(() => this.#attend(target), 'the init daemon of the system', daemon.report);
  }

  async follow(jobs: readonly FollowedJob[]): Promise<void> {
    this.#wanted = new Set(jobs.flatMap(({ start, stop }) => [...start, ...stop].map(({ name }) => name)));
    this.#outbox.open();
    await this.#system.begin();
  }

  instancesChanged(): void {
    // Events come whether the job runs or not.
  }

  lost(): void {
    this.#outbox.hold();
  }

  close(): void {
    this.#system.close();
  }

  async #attend(target: Parameters<typeof connect>[0]): Promise<Attended> {
    const upstart = await connect(target);
    const events = upstart.events();
    // From its first answer on a client hears what happens. On a bus the daemon may not be there yet.
    await upstart.version().catch((error: unknown) => {
      if (typeof target !== 'string') return;
      upstart.close();
      throw error;
    });
    void this.#take(events);
    return { ended: upstart.closed, close: () => upstart.close() };
  }

  async #take(events: ReturnType<UpstartClient['events']>): Promise<void> {
    for await (const event of events) {
      if (event.kind === 'event-emitted') this.#emit(event.name, event.env);
      else if (event.kind === 'restarted') this.#emit('restarted', []);
    }
  }

  #emit(event: string, env: readonly string[]): void {
    const name = `${PREFIX}${event}`;
    if (this.#wanted.has(name)) this.#outbox.push({ name, env });
  }
}

/**
 * Events of the system in a session with a daemon of its own: `:sys:NAME`, when the event is over there.
 * @see spec: bridges.md 6
 */
export const eventBridgeWith = (options: EventBridgeOptions): BridgeKind => ({
  event: ':sys:*',
  wants: (event) => event.startsWith(PREFIX),
  make: (daemon) => new EventBridge(daemon, options),
});
