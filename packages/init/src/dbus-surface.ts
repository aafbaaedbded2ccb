import {
  type BusMember,
  createBusMember,
  createServer,
  DBusError,
  type JournalModel,
  type UpstartModel,
  type UpstartServer,
} from '@maverick/dbus';
import type { Supervisor } from '@maverick/supervisor';
import type { BusPlace } from './bus-places.js';
import type { Log } from './log.js';
import { createModel } from './model.js';

/** What a daemon shows of itself on D-Bus, and where. */
export interface SurfaceOptions {
  readonly supervisor: Supervisor;
  readonly log: Log;
  readonly journal: JournalModel;
  /** Where the private socket is. */
  readonly address: string;
  readonly bus: BusPlace;
  /** Look for the bus from the start. A client can name one all the same. */
  readonly joinsBus: boolean;
  /** Start jobs for names that are called on the bus and that nobody has. */
  readonly activates: boolean;
  /** The daemon has re-executed itself, and clients are told so. Default false. */
  readonly restarted?: boolean;
  /** A client ends the session. */
  readonly endSession: () => void;
}

/** The daemon on D-Bus: its private socket, and the bus as long as there is one. */
export class DBusSurface {
  readonly #options: SurfaceOptions;
  readonly #model: UpstartModel;
  readonly #servers: UpstartServer[] = [];
  #member: BusMember | undefined;

  constructor(options: SurfaceOptions) {
    this.#options = options;
    const { supervisor, log, journal, endSession } = options;
    this.#model = createModel(supervisor, log, {
      journal,
      endSession,
      joinBus: (address, answer) => this.#joinNotified(address, answer),
      environmentSet: (variables) => {
        if (options.bus.bus === 'session') this.#member?.updateActivationEnvironment(variables);
      },
    });
  }

  /**
   * Answer on the private socket.
   * @param address another one beside our own
   * @throws DBusError if it can't be listened on
   */
  listen(address = this.#options.address): void {
    this.#servers.push(createServer(this.#model, { address, onWarning: this.#warn }));
  }

  /** Look for the bus, at once and again until it is there. @returns false where it is not known where it could be */
  seekBus(): boolean {
    const { joinsBus, bus } = this.#options;
    if (!joinsBus || (bus.address === undefined && !this.#member)) return false;
    this.#member ??= this.#createMember(bus.address ?? '', bus.title);
    this.#member.seek();
    return true;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    this.#member?.close();
  }

  /** A client says where a bus is. One that we are on already is no news. */
  #joinNotified(address: string, answer: (failure?: DBusError) => void): void {
    if (this.#member?.state === 'joined') {
      answer();
      return;
    }
    this.#member?.close();
    const member = this.#createMember(address, 'notified D-Bus bus');
    this.#member = member;
    member.join().then(
      () => answer(),
      (error: unknown) => {
        if (this.#member === member) this.#member = undefined;
        member.close();
        answer(error instanceof DBusError ? error : new DBusError('org.freedesktop.DBus.Error.Failed', String(error)));
      },
    );
  }

  #createMember(address: string, title: string): BusMember {
    const { bus, activates, restarted = false } = this.#options;
    const { serviceDirectories } = bus;
    return createBusMember(this.#model, {
      address,
      title,
      restarted,
      onWarning: this.#warn,
      ...(activates ? { activation: { bus: bus.bus, serviceDirectories } } : {}),
    });
  }

  readonly #warn = (message: string): void => this.#options.log.write('warn', message);
}
