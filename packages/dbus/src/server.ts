import { unlinkSync } from 'node:fs';
import { acceptUnix, closeFd, type FdWatch, peerCredentials, SystemError, watchFd } from '@maverick/spawner';
import { isTrusted } from './access.js';
import { parseAddress, type SocketAddress } from './address.js';
import { Connection } from './connection.js';
import { type ConnectionLimits, SERVER_LIMITS } from './limits.js';
import { listenOnFirst } from './listen.js';
import type { PeerCredentials, UpstartModel } from './model.js';
import { ServerHandshake } from './sasl.js';
import { UpstartService } from './service.js';

export interface ServerOptions {
  /** Where to listen: `unix:abstract=…` or `unix:path=…`. Of several, separated by `;`, the first that works. */
  readonly address: string;
  /** Hears why a connection was refused or dropped, and what could not be said, for the log. Default: nobody. */
  readonly onWarning?: (message: string) => void;
  readonly limits?: Partial<ConnectionLimits>;
  /** How many clients may be connected at a time; more are dropped at once. Default 1024. */
  readonly maxConnections?: number;
}

/** A private socket that answers for a daemon. */
export interface UpstartServer {
  readonly address: string;
  /** How many clients are connected and authenticated. */
  readonly connections: number;
  /** Stop listening and end every connection; what was already answered is still sent. */
  close(): void;
}

const MAX_CONNECTIONS = 1024;
/** How long to wait before the next accept when the daemon has run out of descriptors. */
const ACCEPT_RETRY_MS = 1000;

class PrivateServer implements UpstartServer {
  readonly address: string;
  private readonly service: UpstartService;
  private readonly options: ServerOptions;
  private readonly limits: ConnectionLimits;
  private readonly daemonUid = process.getuid?.() ?? 0;
  private readonly guid = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');
  private readonly listener: number;
  private readonly place: SocketAddress;
  private readonly watch: FdWatch;
  /** All of them, those that still authenticate too. */
  private readonly peers = new Set<Connection>();
  private retry: NodeJS.Timeout | undefined;
  private open = true;

  constructor(model: UpstartModel, options: ServerOptions) {
    const { fd, at } = listenOnFirst(parseAddress(options.address));
    this.listener = fd;
    this.place = at;
    this.address = options.address;
    this.options = options;
    this.limits = { ...SERVER_LIMITS, ...options.limits };
    this.service = new UpstartService(model, this.daemonUid, (message) => this.warn(message));
    this.watch = watchFd(fd, { readable: true }, () => this.acceptAll());
  }

  get connections(): number {
    return this.service.size;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.retry);
    this.watch.close();
    closeFd(this.listener);
    if (this.place.kind === 'path') unlinkSync(this.place.name);
    this.service.close();
    for (const peer of [...this.peers]) peer.close();
  }

  private warn(message: string): void {
    this.options.onWarning?.(message);
  }

  private acceptAll(): void {
    try {
      for (let fd = acceptUnix(this.listener); fd !== undefined; fd = acceptUnix(this.listener)) this.welcome(fd);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      // Out of descriptors, most likely: the connection stays in line, and asking again at once would spin.
      this.warn(`Unable to accept a private connection: ${error.message}`);
      this.watch.update({});
      this.retry = setTimeout(() => this.watch.update({ readable: true }), ACCEPT_RETRY_MS).unref();
    }
  }

  private welcome(fd: number): void {
    if (this.peers.size >= (this.options.maxConnections ?? MAX_CONNECTIONS)) {
      this.warn(`Dropped a private connection: ${this.peers.size} are open`);
      closeFd(fd);
      return;
    }
    const peer = peerCredentials(fd);
    const connection = new Connection(fd, new ServerHandshake(peer.uid, this.guid), this.limits, {
      ready: (connection) => this.admit(connection, peer),
      called: (connection, call, keepFd) => this.service.answer(connection, peer, call, keepFd),
      ended: (connection, cause) => this.forget(connection, peer, cause),
    });
    this.peers.add(connection);
  }

  /** The socket is for root and the daemon's own user; others learn it by being dropped after they have told who they are. */
  private admit(connection: Connection, peer: PeerCredentials): void {
    if (isTrusted(peer, this.daemonUid)) {
      this.service.attach(connection);
      return;
    }
    this.warn(`Dropped the private connection of uid ${peer.uid}: only uid 0 and ${this.daemonUid} are admitted`);
    connection.close();
  }

  private forget(connection: Connection, { pid }: PeerCredentials, cause?: Error): void {
    this.service.detach(connection);
    this.peers.delete(connection);
    if (cause && this.open) this.warn(`Dropped the private connection of process ${pid}: ${cause.message}`);
  }
}

/**
 * Listen on a private socket: no bus daemon, point to point, for uid 0 and the daemon's own uid only.
 * @throws DBusError with the system's text if the address can't be listened on
 */
export const createServer = (model: UpstartModel, options: ServerOptions): UpstartServer =>
  new PrivateServer(model, options);
