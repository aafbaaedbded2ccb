import { unlinkSync } from 'node:fs';
import type { SessionId } from '@maverick/engine';
import {
  acceptUnix,
  closeFd,
  type FdWatch,
  peerCredentials,
  pinPeer,
  SystemError,
  sendUnix,
  watchFd,
} from '@maverick/spawner';
import { isTrusted } from './access.js';
import { formatAddress, parseAddress, type SocketAddress } from './address.js';
import { type ClientLink, newClient, releaseBelongings } from './client-link.js';
import { Connection, type ConnectionListener } from './connection.js';
import { followAs } from './journal.js';
import type { KeptClient, KeptServer } from './kept.js';
import { type ConnectionLimits, hurried, SERVER_LIMITS } from './limits.js';
import { listenOnFirst, parseListenAddress } from './listen.js';
import type { PeerCredentials, UpstartModel } from './model.js';
import { peerOf } from './peer.js';
import { PeerShares } from './peer-shares.js';
import { ServerHandshake } from './sasl.js';
import { UpstartService } from './service.js';
import { restarted } from './signals.js';
import { SpareDescriptor } from './spare-descriptor.js';
import { turns, type Work } from './turns.js';

export interface ServerOptions {
  /** Where to listen: `unix:abstract=…`, `unix:path=…` or `unix:runtime=yes`. Of several, separated by `;`, the first that works. */
  readonly address: string;
  /**
   * Hears why a connection was refused or dropped, and whose it was, and what could not be said, for the log. Default: nobody.
   * A user can have it said any number of times.
   */
  readonly onWarning?: (message: string, uid?: number) => void;
  readonly limits?: Partial<ConnectionLimits>;
  /**
   * How many clients may be connected at a time. One more takes the place of the one that has been authenticating for
   * the longest time; if all have authenticated, it is dropped at once. Default 1024.
   */
  readonly maxConnections?: number;
  /**
   * How many of them may be root's, and how many the daemon's user's: programs of one that go wild do not keep the other out. Default
   * three quarters of all. Another user has a sixteenth, and all others together three quarters.
   */
  readonly maxConnectionsPerUser?: number;
  /** Admit every user, for a daemon that has sessions of users: who may do what is decided at each call. Default false. */
  readonly admitsUsers?: boolean;
  /** In which session its callers are, whoever they are, for a socket that only they can reach. Default: it is found from each caller. */
  readonly session?: SessionId;
  /** A socket that listens at `address` already, the server's from now on; its name is left to whoever made it. */
  readonly listener?: number;
  /** Go on with what an earlier server in this process has handed over, `address` included. Default: begin anew. */
  readonly kept?: KeptServer;
}

/** A private socket that answers for a daemon. */
export interface UpstartServer {
  /** Where it listens, for clients to connect to. */
  readonly address: string;
  /** How many clients are connected and authenticated. */
  readonly connections: number;
  /** Stop listening and end every connection; what was already answered is still sent. */
  close(): void;
  /**
   * Tell nothing more and leave every socket open, for the server after this one in the same process, as its option `kept`: after
   * an `exec` that keeps {@link keptDescriptors} open, or without one. No client notices, and calls that wait are answered then.
   */
  handOver(): KeptServer;
}

const MAX_CONNECTIONS = 1024;
/** How long to wait before the next accept when the daemon has run out of descriptors. */
const ACCEPT_RETRY_MS = 1000;
/** So many connections are accepted before others get their turn: who connects again and again must not keep it. */
const ACCEPTS_PER_TURN = 64;

class PrivateServer implements UpstartServer {
  readonly address: string;
  private readonly service: UpstartService;
  private readonly model: UpstartModel;
  private readonly options: ServerOptions;
  private readonly limits: ConnectionLimits;
  private readonly daemonUid = process.getuid?.() ?? 0;
  private readonly guid: string;
  private readonly listener: number;
  private readonly place: SocketAddress;
  private readonly watch: FdWatch;
  private readonly maxConnections: number;
  private readonly shares: PeerShares;
  /** All of them with their users, those that still authenticate too, the oldest first. */
  private readonly peers = new Map<Connection, number>();
  private readonly clients = new Map<Connection, ClientLink>();
  private readonly spare = new SpareDescriptor();
  /** Who has been refused, to say it only once: whoever it is can try as often as it likes, and must not fill the log. */
  private readonly refusedUids = new Set<number>();
  private retry: NodeJS.Timeout | undefined;
  private open = true;

  constructor(model: UpstartModel, options: ServerOptions) {
    const { kept } = options;
    const { fd, at } = placeOf(options) ?? listenOnFirst(parseListenAddress(options.address, process.env));
    this.guid = kept?.guid ?? newGuid();
    this.listener = fd;
    this.place = at;
    this.address = formatAddress(at);
    this.options = options;
    this.model = model;
    this.limits = { ...SERVER_LIMITS, ...options.limits };
    this.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.shares = new PeerShares({
      most: this.maxConnections,
      mostOfUser: options.maxConnectionsPerUser,
      trusts: (uid) => isTrusted({ uid }, this.daemonUid),
    });
    this.service = new UpstartService(model, this.daemonUid, (message) => this.warn(message));
    this.watch = watchFd(fd, { readable: true }, () => this.acceptSome());
    for (const client of kept?.clients ?? []) this.resume(client);
  }

  get connections(): number {
    return this.service.size;
  }

  handOver(): KeptServer {
    this.open = false;
    clearTimeout(this.retry);
    this.watch.close();
    this.spare.close();
    const { address, listener, guid } = this;
    const clients = [...this.clients].map(([connection, { belongings }]): KeptClient => {
      const calls = this.service.callsOf(connection);
      const followers = [...belongings].map(([id, { filter }]) => ({ id, filter }));
      const tookForBus = this.service.pretendsBus(connection);
      return { ...connection.handOver(), calls, followers, tookForBus };
    });
    this.service.leave();
    const { session } = this.options;
    return { address, listener, guid, clients, ...(session === undefined ? {} : { session }) };
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.retry);
    this.watch.close();
    closeFd(this.listener);
    if (this.place.kind === 'path' && this.options.session === undefined) unlinkSync(this.place.name);
    this.service.close();
    this.spare.close();
    for (const peer of [...this.peers.keys()]) peer.close();
  }

  private warn(message: string, uid?: number): void {
    this.options.onWarning?.(message, uid);
  }

  private acceptSome(): void {
    try {
      for (let i = 0; i < ACCEPTS_PER_TURN; i++) {
        const fd = acceptUnix(this.listener);
        if (fd === undefined) return;
        this.welcome(fd);
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.warn(`Unable to accept a private connection: ${error.message}`);
      if (this.spare.lend(() => this.dropNext())) return;
      // The connections stay in line: asking again at once would spin.
      this.watch.update({});
      this.retry = setTimeout(() => this.watch.update({ readable: true }), ACCEPT_RETRY_MS).unref();
    }
  }

  /** Who can't be served is told so at once. @returns whether there was somebody */
  private dropNext(): boolean {
    const fd = acceptUnix(this.listener);
    if (fd === undefined) return false;
    closeFd(fd);
    return true;
  }

  /** Who is not for this socket goes before it can cost anything. */
  private welcome(fd: number): void {
    const peer = peerAt(fd);
    if (!this.options.admitsUsers && !isTrusted(peer, this.daemonUid)) {
      this.warnOfRefusal(peer);
      turnAway(fd, `only ${this.admitted} may use the private socket of this init daemon`);
    } else if (!this.hasRoom(peer.uid)) {
      this.warn(`Dropped a private connection: ${this.peers.size} are open`, peer.uid);
      turnAway(fd, 'too many connections are open');
    } else {
      this.connect(fd, peer);
    }
  }

  /** A client of the server before this one. */
  private resume(kept: KeptClient): void {
    const { connection, client } = this.connect(kept.fd, peerAt(kept.fd), kept);
    connection.resume(kept);
    if (kept.tookForBus === true) this.service.pretendBus(connection);
    this.greet(connection);
    this.service.resume(connection, kept.calls);
    const { journal } = this.model;
    if (journal) for (const follower of kept.followers) followAs(client, journal, follower);
  }

  /** Who was there before the daemon has re-executed itself is told that it has. */
  private greet(connection: Connection): void {
    if (connection.isOpen) this.service.signal(connection, restarted());
  }

  private connect(
    fd: number,
    peer: PeerCredentials,
    kept?: KeptClient,
  ): { readonly connection: Connection; readonly client: ClientLink } {
    const limits = this.peers.size >= this.maxConnections / 2 ? hurried(this.limits) : this.limits;
    const client = newClient({
      signal: (signal) => this.service.signal(connection, signal),
      tookForBus: () => this.service.pretendBus(connection),
    });
    const { session } = this.options;
    const origin = { peer, client, ...(session === undefined ? {} : { session }) };
    const listener: ConnectionListener = {
      ready: (connection) => this.service.attach(connection, origin),
      called: (connection, call, keepFd) => this.service.answer(connection, origin, call, keepFd),
      ended: (connection, cause) => {
        releaseBelongings(client);
        this.forget(connection, peer, cause);
      },
    };
    const handshake = new ServerHandshake(peer.uid, this.guid);
    const connection: Connection = new Connection(fd, handshake, limits, listener, { kept, lineUp: this.lineOf(peer) });
    this.peers.set(connection, peer.uid);
    this.clients.set(connection, client);
    return { connection, client };
  }

  /** Where who is not root, or is it somewhere else, waits before it is served; undefined for who need not. */
  private lineOf(peer: PeerCredentials): ((work: Work) => void) | undefined {
    const { session } = this.options;
    if (session === undefined && isTrusted(peer, this.daemonUid)) return undefined;
    return (work) => turns.add(session ?? peer.uid, work);
  }

  /** A connection that has not authenticated yet costs nobody anything who comes in earnest: the oldest goes. */
  private hasRoom(uid: number): boolean {
    const isInTheWay = this.shares.inTheWay(uid, [...this.peers.values()]);
    if (isInTheWay === undefined) return true;
    for (const [peer, owner] of this.peers) {
      if (peer.isOpen || !isInTheWay(owner)) continue;
      peer.close(new Error(`it has not authenticated, and ${this.peers.size} connections are open`));
      return true;
    }
    return false;
  }

  private get admitted(): string {
    return this.daemonUid === 0 ? 'root' : `uid ${this.daemonUid} and root`;
  }

  private warnOfRefusal({ uid }: PeerCredentials): void {
    if (this.refusedUids.has(uid)) return;
    this.refusedUids.add(uid);
    this.warn(`Dropped the private connection of uid ${uid}: only uid 0 and ${this.daemonUid} are admitted`);
  }

  private forget(connection: Connection, { pid, uid }: PeerCredentials, cause?: Error): void {
    this.service.detach(connection);
    this.peers.delete(connection);
    this.clients.delete(connection);
    if (cause && this.open) this.warn(`Dropped the private connection of process ${pid}: ${cause.message}`, uid);
  }
}

const newGuid = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');

/** Where somebody listens already: the server before this one, or who has made the socket. */
const placeOf = ({ kept, listener, address }: ServerOptions): { fd: number; at: SocketAddress } | undefined => {
  const fd = kept?.listener ?? listener;
  if (fd === undefined) return undefined;
  const [at] = parseAddress(kept?.address ?? address);
  if (at === undefined) throw new Error(`${address}: no address of a socket`);
  return { fd, at };
};

/** End a connection before it has begun, with a word in the language of the authentication: that is what its client reads. */
const turnAway = (fd: number, why: string): void => {
  try {
    sendUnix(fd, Buffer.from(`ERROR "${why}"\r\n`, 'latin1'));
  } catch (error) {
    // It has gone already.
    if (!(error instanceof SystemError)) throw error;
  }
  closeFd(fd);
};

const peerAt = (fd: number): PeerCredentials => {
  const credentials = peerCredentials(fd);
  return peerOf(credentials, pinPeer(fd, credentials.pid));
};

/**
 * Listen on a private socket: no bus daemon, point to point; for uid 0 and the daemon's own uid, unless it is told to admit others.
 * @throws DBusError with the system's text if the address can't be listened on
 */
export const createServer = (model: UpstartModel, options: ServerOptions): UpstartServer =>
  new PrivateServer(model, options);
