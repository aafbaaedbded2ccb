import { type Fields, HEAD_BYTES } from './message-header.js';

/** Where the length of the header fields is, and after it they themselves. */
const START = HEAD_BYTES - 4;
/** Programs say the same few headers again and again; peers must not fill the memory with others. */
const MOST = 256;
const LONGEST_BYTES = 512;

/**
 * The header fields that were read before, by their bytes: to read them again, and to look at each name again, takes
 * half of the time that a small call takes.
 */
export class HeaderCache {
  private readonly little = new Map<string, Readonly<Fields>>();
  private readonly big = new Map<string, Readonly<Fields>>();

  /**
   * The fields of a message.
   * @param read reads them; called unless they are known. What it throws is thrown on, and nothing is kept
   * @param end where they end, with their padding
   */
  fields(bytes: Buffer, little: boolean, end: number, read: () => Readonly<Fields>): Readonly<Fields> {
    if (end - START > LONGEST_BYTES || end > bytes.length) return read();
    const known = little ? this.little : this.big;
    const key = bytes.toString('latin1', START, end);
    const before = known.get(key);
    if (before !== undefined) return before;
    const fields = read();
    if (known.size >= MOST) known.clear();
    known.set(key, fields);
    return fields;
  }
}
