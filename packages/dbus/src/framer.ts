import { HEAD_BYTES, messageSize } from './wire.js';

/** Cuts a stream of bytes into whole messages. */
export class Framer {
  private readonly maxBytes: number;
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  /** What has come and was not taken. */
  get rest(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Whether a whole message is there. @throws ProtocolError if what comes next is none, or too long */
  get hasNext(): boolean {
    return this.length >= HEAD_BYTES && this.length >= messageSize(this.head(), this.maxBytes);
  }

  /** The next whole message, if it is there. @throws ProtocolError if what comes next is none, or too long */
  next(): Buffer | undefined {
    if (this.length < HEAD_BYTES) return undefined;
    const size = messageSize(this.head(), this.maxBytes);
    if (this.length < size) return undefined;
    const first = this.joined(size);
    this.chunks[0] = first.subarray(size);
    this.length -= size;
    if (first.length === size) this.chunks.shift();
    return first.subarray(0, size);
  }

  private head(): Buffer {
    const [first] = this.chunks;
    return first && first.length >= HEAD_BYTES ? first : this.joined(HEAD_BYTES);
  }

  /** The first chunk, made to hold at least `size` bytes. Joined only when all of them are there: once a message. */
  private joined(size: number): Buffer {
    const [first] = this.chunks;
    if (first && first.length >= size) return first;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
