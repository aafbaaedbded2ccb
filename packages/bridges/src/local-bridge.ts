import { acceptSocket, closeFd, type FdWatch, peerCredentials, receiveUnix, watchFd } from '@maverick/spawner';
import { type Bridge, type BridgeKind, type Daemon, SettingError } from './bridge.js';
import { Listener } from './listener.js';
import type { OwnOptions } from './option-table.js';
import { Outbox } from './outbox.js';

export const LOCAL_OPTIONS = {
  '--event': { argument: 'NAME', help: 'emit this event (required)' },
  '--path': { argument: 'PATH', help: 'listen at this file, or @ and an abstract name (required)' },
  '--any-user': { help: "take what others than root and the bridge's own user send, too" },
} as const satisfies OwnOptions;

interface LocalBridgeOptions {
  readonly event: string;
  /** A file, or `@` and an abstract name. */
  readonly path: string;
  readonly anyUser: boolean;
}

/** As the kernel has it. @see unix(7) */
const PATH_MAX = 107;

/** @throws SettingError */
export const readLocalSettings = (own: ReadonlyMap<string, string> = new Map()): LocalBridgeOptions => {
  const [event, path] = [own.get('--event'), own.get('--path')];
  if (event === undefined) throw new SettingError('Must specify event name: --event=NAME');
  if (path === undefined) throw new SettingError('Must specify socket path: --path=PATH');
  if (!/^[/@]./.test(path)) throw new SettingError(`Invalid path ${path}: expected an absolute path, or @ and a name`);
  if (Buffer.byteLength(path) > PATH_MAX) throw new SettingError(`Path too long ${path}`);
  return { event, path, anyUser: own.has('--any-user') };
};

/** Who writes lines that are longer is not one of those whom this is for. */
const LONGEST_LINE = 64 * 1024;
/** So many may be connected at once: the rest waits. */
const MOST_CLIENTS = 256;

/** Variables of the event that no client can say: the last one of a name counts in the environment of a job. */
const FIXED = ['SOCKET_TYPE', 'SOCKET_VARIANT', 'CLIENT_UID', 'CLIENT_GID', 'CLIENT_PID', 'SOCKET_PATH'];
const isPair = (line: string): boolean => {
  const equals = line.indexOf('=');
  return equals > 0 && !FIXED.includes(line.slice(0, equals));
};

/** Somebody who is connected. A line may come in pieces; the last one needs no end. */
class Client {
  readonly #fd: number;
  readonly #watch: FdWatch;
  readonly #buffer = Buffer.alloc(4096);
  readonly #onLine: (line: string) => void;
  readonly #onEnd: () => void;
  #unread = Buffer.alloc(0);

  constructor(fd: number, onLine: (line: string) => void, onEnd: () => void) {
    this.#fd = fd;
    this.#onLine = onLine;
    this.#onEnd = onEnd;
    this.#watch = watchFd(fd, { readable: true }, () => this.#receive());
  }

  close(): void {
    this.#watch.close();
    closeFd(this.#fd);
  }

  #receive(): void {
    try {
      const received = receiveUnix(this.#fd, this.#buffer);
      if (received === undefined) return;
      for (const fd of received.fds) closeFd(fd);
      if (received.bytes > 0) this.#read(this.#buffer.subarray(0, received.bytes));
      if (received.bytes > 0 && this.#unread.length <= LONGEST_LINE) return;
    } catch {
      // It was reset.
    }
    if (this.#unread.length <= LONGEST_LINE) this.#line(this.#unread);
    this.#onEnd();
  }

  #read(bytes: Buffer): void {
    let rest = Buffer.concat([this.#unread, bytes]);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#line(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
    this.#unread = rest;
  }

  #line(bytes: Buffer): void {
    const line = bytes.toString('utf8').replace(/\r$/, '').replaceAll('\0', '');
    if (line !== '') this.#onLine(line);
  }
}

class LocalBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #options: LocalBridgeOptions;
  readonly #outbox: Outbox;
  readonly #listener: Listener;
  readonly #clients = new Set<Client>();

  constructor(daemon: Daemon, options: LocalBridgeOptions) {
    this.#daemon = daemon;
    this.#options = options;
    this.#outbox = new Outbox(daemon);
    const address = { family: 'unix', path: options.path } as const;
    const file = options.path.startsWith('/') ? { file: { mode: 0o666 }, replaceStale: true } : {};
    this.#listener = new Listener({ address, ...file }, false, () => this.#accept());
    this.#listener.arm(true);
  }

  follow(): void {
    this.#outbox.open();
  }

  instancesChanged(): void {
    // Who sends is served whether a job runs or not.
  }

  lost(): void {
    this.#outbox.hold();
  }

  close(): void {
    for (const client of this.#clients) client.close();
    this.#clients.clear();
    this.#listener.close(false);
  }

  #accept(): void {
    const accepted = acceptSocket(this.#listener.fd);
    if (accepted !== undefined) this.#admit(accepted.fd);
    this.#listener.arm(this.#clients.size < MOST_CLIENTS);
  }

  #admit(fd: number): void {
    const { uid, gid, pid } = peerCredentials(fd);
    const { anyUser, path } = this.#options;
    if (!anyUser && uid !== 0 && uid !== process.getuid?.()) {
      this.#daemon.report('warn', `Ignoring request from uid ${uid}`);
      closeFd(fd);
      return;
    }
    const variant = path.startsWith('/') ? 'named' : 'abstract';
    const values = ['unix', variant, uid, gid, pid, path];
    const fixed = FIXED.map((name, index) => `${name}=${values[index]}`);
    const client = new Client(
      fd,
      (line) => {
        if (isPair(line)) this.#outbox.push({ env: [...fixed, line] });
      },
      () => {
        client.close();
        this.#clients.delete(client);
        this.#listener.arm(true);
      },
    );
    this.#clients.add(client);
  }
}

/**
 * An event for each `NAME=VALUE` that somebody sends to a socket, a line each.
 * @see spec: bridges.md 7
 */
export const localBridgeWith = (options: LocalBridgeOptions): BridgeKind => ({
  event: options.event,
  make: (daemon) => new LocalBridge(daemon, options),
});
