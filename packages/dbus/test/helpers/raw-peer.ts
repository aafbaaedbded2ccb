import { closeFd, connectUnix, type FdWatch, receiveUnix, SystemError, sendUnix, watchFd } from '@maverick/spawner';
import { onTestFinished } from 'vitest';
import { parseAddress } from '../../src/address.js';
import { Framer } from '../../src/framer.js';
import type { Message, Received } from '../../src/message.js';
import { socketName } from '../../src/socket-address.js';
import { decode, encode, stampSerial } from '../../src/wire.js';

const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
/** What a client says that knows how. */
export const GREETING = `\0AUTH EXTERNAL ${uid}\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n`;

/** A peer that sends whatever it is told, byte for byte, and takes what comes. Gone with the test. */
export class RawPeer {
  /** Settles when the other side has ended the connection. */
  readonly ended: Promise<void>;
  private readonly fd: number;
  private readonly watch: FdWatch;
  private readonly framer = new Framer(1 << 27);
  private received = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  private end: () => void = () => {};
  private open = true;
  private greeted = false;
  private serial = 0;

  constructor(address: string) {
    const [place] = parseAddress(address);
    if (!place) throw new Error('no address');
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.fd = connectUnix(socketName(place));
    this.watch = watchFd(this.fd, { readable: true }, () => this.receive());
    onTestFinished(() => this.close());
  }

  /** Bytes to the socket; what does not fit is dropped. @returns how many it took */
  send(bytes: string | Uint8Array, fds: readonly number[] = []): number {
    return sendUnix(this.fd, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, 0, fds) ?? 0;
  }

  /** Messages, each with a serial of its own, in one piece. */
  sendMessages(...messages: readonly Message[]): void {
    const encoded = messages.map(encode);
    for (const { bytes } of encoded) stampSerial(bytes, ++this.serial);
    this.send(
      Buffer.concat(encoded.map(({ bytes }) => bytes)),
      encoded.flatMap(({ fds }) => fds),
    );
  }

  /** Authenticate, and wait until that is through. */
  async greet(): Promise<void> {
    this.send(GREETING);
    while (!this.received.includes('AGREE_UNIX_FD\r\n')) await this.more();
    this.received = this.received.subarray(this.received.indexOf('AGREE_UNIX_FD\r\n') + 15);
    this.greeted = true;
    this.framer.push(this.received);
  }

  /** Wait until this has come, before any message. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) await this.more();
  }

  /** The next message. */
  async next(): Promise<Received> {
    for (;;) {
      const bytes = this.framer.next();
      if (!bytes) await this.more();
      else {
        const { message } = decode(bytes, []);
        if (message) return message;
      }
    }
  }

  /** Read nothing any more. */
  stopReading(): void {
    this.watch.update({});
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.watch.close();
    closeFd(this.fd);
    this.end();
  }

  private more(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private receive(): void {
    const buffer = Buffer.alloc(65536);
    try {
      const received = receiveUnix(this.fd, buffer);
      if (!received) return;
      if (received.bytes === 0) return void this.close();
      for (const fd of received.fds) closeFd(fd);
      const bytes = buffer.subarray(0, received.bytes);
      if (this.greeted) this.framer.push(bytes);
      else this.received = Buffer.concat([this.received, bytes]);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.close();
    }
    for (const resume of this.waiting.splice(0)) resume();
  }
}
