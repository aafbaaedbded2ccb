import {
  type BusMember,
  createBusMember,
  createServer,
  DBusError,
  type JournalModel,
  type KeptMember,
  type ServerOptions,
  type UpstartModel,
  type UpstartServer,
} from '@maverick/dbus';
import type { Reply, SessionId } from '@maverick/engine';
import type { Supervisor } from '@maverick/supervisor';
import { messageOf } from './attempt.js';
import type { BusPlace } from './bus-places.js';
import { listenInChroot, removeFromChroot } from './chroot-socket.js';
import { FileHolding } from './file-holding.js';
import type { KeptSurface } from './handover.js';
import type { Log } from './log.js';
import type { LogShares } from './log-shares.js';
import { createModel } from './model.js';

/** What a daemon shows of itself on D-Bus, and where. */
export interface SurfaceOptions {
  readonly supervisor: Supervisor;
  readonly log: Log;
  /** How much is written about the connections of a user. */
  readonly shares: LogShares;
  readonly journal: JournalModel;
  /** The directory of the journal; absent: it is nowhere. */
  readonly journalDir?: string;
  /** Where the private socket is. */
  readonly address: string;
  readonly bus: BusPlace;
  /** Look for the bus from the start. A client can name one all the same. */
  readonly joinsBus: boolean;
  /** Start jobs for names that are called on the bus and that nobody has. */
  readonly activates: boolean;
  /** Events that bridges inside emit for the system, or patterns of their names. */
  readonly bridgeEvents: readonly string[];
  /** Users have sessions: everybody may come to the private socket. */
  readonly admitsUsers: boolean;
  /** The daemon has become another, or could not, and this is what it was: clients are told so. */
  readonly kept?: KeptSurface;
  /** A client has the configuration read again. */
  readonly reload: () => void;
  /** A client wants the daemon to become another. */
  readonly reexec: () => void;
  /** How that has gone, for clients that wait to be told. */
  readonly reexeced: () => Reply | DBusError;
  /** A client ends the session. */
  readonly endSession: () => void;
}

/** The daemon on D-Bus: its private socket, and the bus as long as there is one. */
export class DBusSurface {
  readonly #options: SurfaceOptions;
  readonly #model: UpstartModel;
  readonly #servers: UpstartServer[] = [];
  /** Those of them that are inside of root directories, by session. */
  readonly #inChroots = new Map<SessionId, UpstartServer>();
  #servesChroots = false;
  #member: BusMember | undefined;

  constructor(options: SurfaceOptions) {
    this.#options = options;
    const { supervisor, log, journal, endSession } = options;
    this.#model = createModel(supervisor, log, {
      journal,
      bridgeEvents: options.bridgeEvents,
      files: new FileHolding(supervisor, options.journalDir),
      endSession,
      reload: options.reload,
      reexec: options.reexec,
      reexeced: options.reexeced,
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
    this.#serve({ address });
    this.#serveChroots();
  }

  /** Go on where the surface before this one was. Returns whether there was one. */
  resume(): boolean {
    const { kept } = this.#options;
    if (kept === undefined) return false;
    for (const server of kept.servers) {
      const { address, session } = server;
      this.#serve({ address, kept: server, ...(session === undefined ? {} : { session }) });
    }
    if (kept.member !== undefined)
      this.#member = this.#createMember(kept.member.address, kept.member.title, kept.member);
    this.#serveChroots();
    return true;
  }

  /** Another private socket beside our own. Who is in the session of a chroot has come from within it. */
  #serve(where: Pick<ServerOptions, 'address' | 'kept' | 'session' | 'listener'>): void {
    const admitsUsers = this.#options.admitsUsers && where.session === undefined;
    const server = createServer(this.#model, { ...where, admitsUsers, onWarning: this.#warn });
    this.#servers.push(server);
    if (where.session !== undefined) this.#inChroots.set(where.session, server);
  }

  /** A socket in each root directory that has a session, from now on. */
  #serveChroots(): void {
    if (this.#servesChroots) return;
    this.#servesChroots = true;
    const { supervisor } = this.#options;
    for (const session of supervisor.sessions()) this.#serveChroot(session.id);
    supervisor.subscribe((event) => {
      if (event.kind === 'session-opened') this.#serveChroot(event.session);
      if (event.kind === 'session-closed') this.#leaveChroot(event.session);
    });
  }

  /** That there is none costs only who can't reach us otherwise. */
  #serveChroot(session: SessionId): void {
    if (!session.startsWith('/') || this.#inChroots.has(session)) return;
    try {
      const socket = listenInChroot(session);
      if (socket !== undefined) this.#serve({ ...socket, session });
    } catch (error) {
      this.#warn(`Unable to listen in ${session}: ${messageOf(error)}`);
    }
  }

  #leaveChroot(session: SessionId): void {
    const server = this.#inChroots.get(session);
    if (server === undefined) return;
    this.#inChroots.delete(session);
    this.#servers.splice(this.#servers.indexOf(server), 1);
    removeFromChroot(session);
    server.close();
  }

  /** Leave every connection open, for the surface after this one. */
  handOver(): KeptSurface {
    const servers = this.#servers.map((server) => server.handOver());
    const member = this.#member?.handOver();
    return { servers, ...(member === undefined ? {} : { member }) };
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
    for (const session of [...this.#inChroots.keys()]) this.#leaveChroot(session);
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

  #createMember(address: string, title: string, kept?: KeptMember): BusMember {
    const { bus, activates } = this.#options;
    const { serviceDirectories } = bus;
    return createBusMember(this.#model, {
      address,
      title,
      restarted: kept !== undefined,
      ...(kept === undefined ? {} : { kept }),
      onWarning: this.#warn,
      ...(activates ? { activation: { bus: bus.bus, serviceDirectories } } : {}),
    });
  }

  readonly #warn = (message: string, uid = 0): void => {
    const { log, shares } = this.#options;
    if (uid === 0 || shares.take(`User ${uid}`)) log.write('warn', message);
  };
}
