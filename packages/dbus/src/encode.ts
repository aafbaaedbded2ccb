import { Marshaller } from './marshaller.js';
import type { Message } from './message.js';
import {
  FIELDS,
  type FieldCode,
  HEAD_BYTES,
  LITTLE_ENDIAN,
  NO_AUTO_START,
  NO_REPLY_EXPECTED,
  PROTOCOL_VERSION,
  TYPE_CODES,
} from './message-header.js';
import { isObjectPath } from './names.js';
import { parseSignature, type TypeTree } from './signature.js';

const BODY_LENGTH_OFFSET = 4;
const SERIAL_OFFSET = 8;
const FIELDS_LENGTH_OFFSET = 12;

/** A message ready to be sent: whole but for its serial number. */
export interface Encoded {
  readonly bytes: Buffer;
  /** The descriptors that travel with it, in the order of the message's indexes. */
  readonly fds: readonly number[];
}

const flagsOf = (message: Message): number =>
  message.kind === 'call' ? (message.noReply ? NO_REPLY_EXPECTED : 0) | (message.noAutoStart ? NO_AUTO_START : 0) : 0;

/** One for all messages: what it wrote is copied out of it at once. */
const writer = new Marshaller();

const writeField = (code: FieldCode, value: string | number | undefined): void => {
  if (value === undefined || value === '') return;
  const { type } = FIELDS[code];
  writer.align(8);
  writer.byte(code);
  writer.signature(type);
  if (typeof value === 'number') writer.uint32(value);
  else if (type === 'g') writer.signature(value);
  else writer.string(value);
};

/** What its kind decides of the fields. */
const writeKind = (message: Message): void => {
  switch (message.kind) {
    case 'call':
    case 'signal':
      if (!isObjectPath(message.path)) throw new TypeError(`'${message.path}' is no object path`);
      writeField(1, message.path);
      writeField(2, message.interface);
      writeField(3, message.member);
      break;
    case 'error':
      writeField(4, message.errorName);
      writeField(5, message.replySerial);
      break;
    case 'return':
      writeField(5, message.replySerial);
      break;
  }
};

/** The part before the body, the number of descriptors included. */
const writeHead = (message: Message, fdCount: number): void => {
  writer.byte(LITTLE_ENDIAN);
  writer.byte(TYPE_CODES[message.kind]);
  writer.byte(flagsOf(message));
  writer.byte(PROTOCOL_VERSION);
  writer.uint32(0);
  writer.uint32(1);
  writer.uint32(0);
  writeKind(message);
  writeField(6, message.destination);
  writeField(7, message.sender);
  writeField(8, message.signature);
  if (fdCount > 0) writeField(9, fdCount);
  writer.patchUint32(FIELDS_LENGTH_OFFSET, writer.length - HEAD_BYTES);
  writer.align(8);
};

const write = (message: Message, types: readonly TypeTree[], fdCount: number): void => {
  writer.begin();
  writeHead(message, fdCount);
  const start = writer.length;
  for (let index = 0; index < types.length; index += 1) {
    const type = types[index];
    if (type) writer.value(type, message.body[index]);
  }
  writer.patchUint32(BODY_LENGTH_OFFSET, writer.length - start);
};

/**
 * Marshal a message, little-endian, with serial 1.
 * @throws TypeError or ProtocolError if the body is not as the signature says: a mistake of the caller's
 */
export const encode = (message: Message): Encoded => {
  const types = parseSignature(message.signature);
  if (types.length !== message.body.length) {
    throw new TypeError(`expected ${types.length} values for '${message.signature}', got ${message.body.length}`);
  }
  write(message, types, 0);
  // Only the body tells how many descriptors there are, and the head before it has to say so.
  if (writer.fds.length > 0) write(message, types, writer.fds.length);
  return { bytes: writer.take(), fds: writer.fds };
};

/** Put the serial number into a message that {@link encode} made. It is changed in place. */
export const stampSerial = (bytes: Buffer, serial: number): void => {
  bytes.writeUInt32LE(serial, SERIAL_OFFSET);
};
