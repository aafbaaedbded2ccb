import { closeFd, type FdWatch, receiveUnix, SystemError, sendUnix, watchFd } from '@maverick/spawner/unix-sockets';
import type { ConnectionLimits } from './limits.js';
import { ProtocolError } from './protocol-error.js';

/** Who hears of a stream. */
export interface StreamListener {
  /**
   * Bytes have come, with the descriptors that travelled along; these are the listener's from now on.
   * @throws ProtocolError to end the stream
   */
  received(bytes: Buffer, fds: readonly number[]): void;
  /** Something has come, which waits in the socket for {@link SocketStream.receive}. Absent: it is received at once. */
  readonly comes?: (() => void) | undefined;
  /** The stream is over and its socket closed. Comes once, whoever ended it. `cause` is absent at a regular end. */
  ended(cause?: Error): void;
}

interface Chunk {
  readonly bytes: Buffer;
  readonly fds: readonly number[];
}

/** Small chunks are joined up to this size, so that what is written in one turn of the event loop leaves in one call. */
const JOIN_BYTES = 64 * 1024;
/** One for all streams: what is received is copied out of it at once. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Bytes and descriptors over a connected unix socket: never blocks, and never keeps more than its limits allow. */
export class SocketStream {
  private readonly fd: number;
  private readonly limits: ConnectionLimits;
  private readonly listener: StreamListener;
  private readonly watch: FdWatch;
  private readonly queue: Chunk[] = [];
  /** Bytes of the first chunk that have been sent. */
  private sent = 0;
  private queuedBytes = 0;
  private flushScheduled = false;
  /** What is written while the listener has its turn leaves after it. */
  private receiving = false;
  /** What comes is left in the socket. */
  private held = false;
  private blocked = false;
  /** What is waited for at present. */
  private reads = true;
  private waits = false;
  /** The peer takes no more; what it sent before that still counts. */
  private deaf = false;
  private open = true;

  /** Takes over the descriptor: it is closed with the stream. */
  constructor(fd: number, limits: ConnectionLimits, listener: StreamListener) {
    this.fd = fd;
    this.limits = limits;
    this.listener = listener;
    this.watch = watchFd(fd, { readable: true }, ({ readable, writable }) => {
      if (writable) this.flush();
      if (!readable || !this.open) return;
      if (listener.comes) listener.comes();
      else this.receive();
    });
  }

  /** Queue bytes; they leave at the end of this turn of the event loop. The descriptors must stay open until then. */
  write(bytes: Buffer, fds: readonly number[] = []): void {
    if (!this.open || this.deaf) return;
    this.queue.push({ bytes, fds });
    this.queuedBytes += bytes.length;
    if (this.queuedBytes > this.limits.queuedBytes) {
      this.end(new Error(`the peer does not read: ${this.queuedBytes} bytes wait for it`));
    } else if (!this.flushScheduled && !this.receiving) {
      this.flushScheduled = true;
      process.nextTick(() => this.flush());
    }
  }

  /** Send what the socket takes now of what is queued, and end. */
  close(cause?: Error): void {
    this.flush();
    this.end(cause);
  }

  /** Stop here and leave the socket open, for who goes on with it. @returns the socket, and what it has not taken yet */
  handOver(): { readonly fd: number; readonly unsent: Buffer } {
    this.flush();
    const unsent = Buffer.concat(this.queue.map(({ bytes }) => bytes)).subarray(this.sent);
    if (this.open) this.watch.close();
    this.open = false;
    this.forgetQueue();
    return { fd: this.fd, unsent };
  }

  /** Hand on what is in the socket, unless the peer must read first. */
  receive(): void {
    this.attempt(() => {
      for (let reads = 0; reads < this.limits.reads && this.open && !this.isFull; reads += 1) {
        const received = receiveUnix(this.fd, scratch);
        if (received?.bytes === 0) this.end();
        else if (received) this.hand(Buffer.from(scratch.subarray(0, received.bytes)), received.fds);
        if (received === undefined || received.bytes < scratch.length) return;
      }
    });
  }

  /** Do what may throw because of what the peer has sent: the stream ends then. */
  attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof ProtocolError) this.close(error);
      else this.end(isHangUp(error) ? undefined : systemError(error));
    }
  }

  /** Leave what comes in the socket, without being told of it, or no longer. */
  hold(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    this.listen();
  }

  /** So many answers wait that the peer must read first. */
  private get isFull(): boolean {
    return this.queuedBytes > this.limits.pauseBytes;
  }

  /** What is answered at once leaves at once, all in one call: the end of the turn is not waited for. */
  private hand(bytes: Buffer, fds: readonly number[]): void {
    this.receiving = true;
    try {
      this.listener.received(bytes, fds);
    } finally {
      this.receiving = false;
    }
    if (this.queue.length > 0 && !this.flushScheduled && !this.blocked) this.flush();
  }

  private flush(): void {
    this.flushScheduled = false;
    try {
      this.blocked = !this.sendQueue();
    } catch (error) {
      if (isHangUp(error)) this.deafen();
      else this.end(systemError(error));
    }
    this.listen();
  }

  /** Nothing more will be sent; the end of the stream is up to `receive`. */
  private deafen(): void {
    this.deaf = true;
    this.forgetQueue();
  }

  private forgetQueue(): void {
    this.queue.length = 0;
    this.sent = 0;
    this.queuedBytes = 0;
    this.blocked = false;
  }

  /** @returns false if the socket takes no more for now */
  private sendQueue(): boolean {
    while (this.open && this.queue.length > 0) {
      this.joinSmallChunks();
      const [chunk] = this.queue;
      if (!chunk) return true;
      const count = sendUnix(this.fd, chunk.bytes, this.sent, this.sent === 0 ? chunk.fds : []);
      if (count === undefined) return false;
      this.sent += count;
      this.queuedBytes -= count;
      if (this.sent < chunk.bytes.length) return false;
      this.queue.shift();
      this.sent = 0;
    }
    return true;
  }

  private joinSmallChunks(): void {
    if (this.sent > 0) return;
    let count = 0;
    let size = 0;
    // A chunk with descriptors must come first in its sendmsg, or they would belong to bytes before it.
    for (const { bytes, fds } of this.queue) {
      if (size + bytes.length > JOIN_BYTES || (count > 0 && fds.length > 0)) break;
      size += bytes.length;
      count++;
    }
    if (count < 2) return;
    const joined = this.queue.splice(0, count);
    this.queue.unshift({ bytes: Buffer.concat(joined.map(({ bytes }) => bytes)), fds: joined[0]?.fds ?? [] });
  }

  /** Wait for what is needed now. A peer that lets its answers pile up is not read until they have gone. */
  private listen(): void {
    if (!this.open) return;
    const readable = !this.held && !this.isFull;
    if (readable === this.reads && this.blocked === this.waits) return;
    this.reads = readable;
    this.waits = this.blocked;
    this.watch.update({ readable, writable: this.blocked });
  }

  private end(cause?: Error): void {
    if (!this.open) return;
    this.open = false;
    this.forgetQueue();
    this.watch.close();
    closeFd(this.fd);
    this.listener.ended(cause);
  }
}

/** A peer that goes without reading everything is nothing unusual. */
const isHangUp = (error: unknown): boolean =>
  error instanceof SystemError && (error.code === 'EPIPE' || error.code === 'ECONNRESET');

/** What else the socket may report; a fault of ours is none of it. */
const systemError = (error: unknown): SystemError => {
  if (error instanceof SystemError) return error;
  throw error;
};
