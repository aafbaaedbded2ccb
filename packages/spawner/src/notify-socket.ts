import { randomUUID } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { type FdWatch, watchFd } from './fd-watch.js';
import { listenSocket } from './listen.js';
import { native } from './native.js';
import type { NativeDatagram } from './native-tracking.js';
import { type NotifyMessage, parseNotify } from './notify-message.js';
import { isDescendant } from './process-table.js';

/** Who sent a datagram, by the kernel's word. */
export interface NotifySender {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Why a datagram, or the `MAINPID` in it, was not taken. */
export type NotifyRefusal = 'stranger' | 'oversized' | 'malformed' | 'main-pid';

export interface NotifySocketOptions {
  /**
   * Where to listen: `@name` for an abstract name, which is found from inside any root directory and by any user, or a
   * path. Default: an abstract name that nobody else has.
   */
  readonly address?: string;
  /** The descriptor that `handOver` gave, kept open over an `exec`; `address` is the one that it had. Default: a new socket. */
  readonly fd?: number;
  /** The main process; undefined as long as there is none, when nobody is heard. */
  readonly mainPid: () => number | undefined;
  /** Who is heard: `main`, the default, only the main process; `all` every process that `belongs`. */
  readonly access?: 'main' | 'all';
  /**
   * Whether a process is one of the job's, for `access` and for `MAINPID`. Default: the main process and what descends
   * from it, as long as the parents between them live. A sender that has ended by now is nobody's.
   */
  readonly belongs?: (pid: number) => boolean;
  /** @param fds what came along, closed after this: who keeps one, keeps a `duplicate` */
  readonly onMessage: (message: NotifyMessage, sender: NotifySender, fds: readonly number[]) => void;
  /** Something came that was not taken. */
  readonly onRefused?: (refusal: NotifyRefusal, sender: NotifySender) => void;
}

/** No honest message is longer: systemd's own limit. */
const MOST_BYTES = 4096;

/** How much is read before the event loop gets its turn. */
const BATCH = 64;

/**
 * A socket on which processes tell of themselves as sd_notify(3) has it. Give its `address` as `NOTIFY_SOCKET`.
 *
 * The credentials of each datagram are checked, so it does not matter who can reach the socket. Descriptors that come
 * along are closed when the message was handled, which is what the sender of a `BARRIER=1` waits for.
 */
export class NotifySocket {
  readonly address: string;
  readonly #options: NotifySocketOptions;
  readonly #fd: number;
  readonly #watch: FdWatch;
  readonly #buffer = Buffer.alloc(MOST_BYTES);
  #closed = false;

  /** @throws SystemError `EADDRINUSE`, `EACCES` and others, when the address can't be had */
  constructor(options: NotifySocketOptions) {
    this.#options = options;
    this.address = options.address ?? `@maverick/notify/${process.pid}/${randomUUID()}`;
    this.#fd = options.fd ?? listenForAll(this.address);
    this.#watch = watchFd(this.#fd, { readable: true }, () => this.#readSome(BATCH));
  }

  /** Handle everything that has been sent until now: before the end of a process is, so that its last words count. */
  read(): void {
    while (this.#readSome(BATCH) === BATCH);
  }

  /** Leave the socket to the program that this process becomes by `exec`: nothing is closed or lost. @returns its descriptor */
  handOver(): number {
    this.#closed = true;
    this.#watch.close();
    return this.#fd;
  }

  /** Nothing is heard any more; the socket's file is removed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    native.closeFd(this.#fd);
    if (!this.address.startsWith('@')) this.#removeFile();
  }

  /** Let the program end though the socket is open. */
  unref(): this {
    this.#watch.unref();
    return this;
  }

  #removeFile(): void {
    try {
      unlinkSync(this.address);
    } catch {
      // Somebody else has removed it: gone is gone.
    }
  }

  /** @returns how many datagrams were there */
  #readSome(most: number): number {
    for (let count = 0; count < most; count++) {
      if (this.#closed) return count;
      const datagram = native.notifyReceive(this.#fd, this.#buffer);
      // An error of one datagram (its descriptors did not fit) has taken it out of the queue, too.
      if (typeof datagram === 'number') return count;
      try {
        this.#take(datagram);
      } finally {
        for (const fd of datagram.fds) native.closeFd(fd);
      }
    }
    return most;
  }

  #take({ bytes, truncated, pid, uid, gid, fds }: NativeDatagram): void {
    const sender: NotifySender = { pid, uid, gid };
    const message = truncated ? undefined : parseNotify(this.#buffer.toString('utf8', 0, bytes));
    if (!this.#isHeard(pid)) this.#refuse('stranger', sender);
    else if (message === undefined) this.#refuse(truncated ? 'oversized' : 'malformed', sender);
    else this.#options.onMessage(this.#withoutWrongPid(message, sender), sender, fds);
  }

  #withoutWrongPid(message: NotifyMessage, sender: NotifySender): NotifyMessage {
    if (message.mainPid === undefined || this.#belongs(message.mainPid)) return message;
    this.#refuse('main-pid', sender);
    const { mainPid: _, ...rest } = message;
    return rest;
  }

  #isHeard(pid: number): boolean {
    const main = this.#options.mainPid();
    if (pid <= 0 || main === undefined) return false;
    return pid === main || (this.#options.access === 'all' && this.#belongs(pid));
  }

  #belongs(pid: number): boolean {
    const { belongs, mainPid } = this.#options;
    if (belongs !== undefined) return belongs(pid);
    const main = mainPid();
    return main !== undefined && isDescendant(pid, main);
  }

  #refuse(refusal: NotifyRefusal, sender: NotifySender): void {
    this.#options.onRefused?.(refusal, sender);
  }
}

/** Processes of any user may write to it: who they are is what counts. */
const listenForAll = (address: string): number =>
  listenSocket({
    address: { family: 'unix', path: address },
    type: 'dgram',
    passCredentials: true,
    ...(address.startsWith('@') ? {} : { file: { mode: 0o666 }, replaceStale: true }),
  });
