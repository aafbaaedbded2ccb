import type { Message } from './message.js';
import { ProtocolError } from './protocol-error.js';

/** What every message begins with. @see D-Bus specification, "Message Format" */

export const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;
export const PROTOCOL_VERSION = 1;
export const NO_REPLY_EXPECTED = 1;
export const NO_AUTO_START = 2;
/** The fixed part of every message, with the length of the header fields at its end. */
export const HEAD_BYTES = 16;

export const TYPE_CODES = { call: 1, return: 2, error: 3, signal: 4 } as const satisfies Record<
  Message['kind'],
  number
>;

/** Header fields by code. @see D-Bus specification, "Header Fields" */
export const FIELDS = {
  1: { name: 'path', type: 'o' },
  2: { name: 'interface', type: 's' },
  3: { name: 'member', type: 's' },
  4: { name: 'errorName', type: 's' },
  5: { name: 'replySerial', type: 'u' },
  6: { name: 'destination', type: 's' },
  7: { name: 'sender', type: 's' },
  8: { name: 'signature', type: 'g' },
  9: { name: 'unixFds', type: 'u' },
} as const satisfies Readonly<Record<number, { readonly name: keyof Fields; readonly type: 'o' | 's' | 'u' | 'g' }>>;
export type FieldCode = keyof typeof FIELDS;

/** The header fields of one message. */
export interface Fields {
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  replySerial?: number;
  destination?: string;
  sender?: string;
  signature?: string;
  unixFds?: number;
}

/** Whether the numbers of a message are little-endian. @throws ProtocolError if it is no message */
export const isLittle = (bytes: Buffer): boolean => {
  if (bytes[0] !== LITTLE_ENDIAN && bytes[0] !== BIG_ENDIAN)
    throw new ProtocolError('malformed message: no byte order');
  return bytes[0] === LITTLE_ENDIAN;
};

/**
 * How many bytes a message has, from its first {@link HEAD_BYTES}. Ask before anything is set aside for it.
 * @throws ProtocolError if it is longer than `maxBytes`, or no message at all
 */
export const messageSize = (head: Buffer, maxBytes: number): number => {
  const little = isLittle(head);
  if (head[3] !== PROTOCOL_VERSION) throw new ProtocolError('malformed message: the protocol version is not 1');
  const body = little ? head.readUInt32LE(4) : head.readUInt32BE(4);
  const fields = little ? head.readUInt32LE(12) : head.readUInt32BE(12);
  const size = HEAD_BYTES + Math.ceil(fields / 8) * 8 + body;
  if (size > maxBytes) throw new ProtocolError(`message of ${size} bytes, at most ${maxBytes} are accepted`);
  return size;
};
