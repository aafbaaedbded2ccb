import { HeaderCache } from './header-cache.js';
import type { CallMessage, Received } from './message.js';
import {
  FIELDS,
  type FieldCode,
  type Fields,
  HEAD_BYTES,
  isLittle,
  NO_REPLY_EXPECTED,
  TYPE_CODES,
} from './message-header.js';
import { isBusName, isInterfaceName, isMemberName } from './names.js';
import { ProtocolError } from './protocol-error.js';
import { parseSignature, parseSingleType } from './signature.js';
import { Unmarshaller } from './unmarshaller.js';

/** Where the type, the flags and what follows the length of the body are. */
const TYPE_OFFSET = 1;
const FLAGS_OFFSET = 2;
const AFTER_LENGTHS = 8;

/** Names are to be valid in every message, also where nothing asks for them. */
const VALID_NAMES = {
  interface: isInterfaceName,
  member: isMemberName,
  errorName: isInterfaceName,
  destination: isBusName,
  sender: isBusName,
} as const satisfies Partial<Record<keyof Fields, (name: string) => boolean>>;

const valid = <T>(value: T, name: string, isValid: (value: T) => boolean): T => {
  if (!isValid(value)) throw new ProtocolError(`malformed message: ${name} is not valid`);
  return value;
};

const readField = (reader: Unmarshaller, fields: Fields): void => {
  const code = reader.byte();
  if (code === 0) throw new ProtocolError('malformed message: a header field has the code 0');
  const signature = reader.signature();
  const field = FIELDS[code as FieldCode] as (typeof FIELDS)[FieldCode] | undefined;
  if (!field) {
    reader.value(parseSingleType(signature), 1);
    return;
  }
  if (signature !== field.type) throw new ProtocolError(`malformed message: ${field.name} has the type '${signature}'`);
  if (fields[field.name] !== undefined) throw new ProtocolError(`malformed message: ${field.name} is given twice`);
  switch (field.type) {
    case 'o':
      fields[field.name] = reader.path();
      break;
    case 's':
      fields[field.name] = valid(reader.string(), field.name, VALID_NAMES[field.name]);
      break;
    case 'u':
      fields[field.name] = valid(reader.uint32(), field.name, (value) => value > 0 || field.name === 'unixFds');
      break;
    case 'g':
      fields[field.name] = reader.signature();
  }
};

/** All header fields; `reader` stands behind their padding afterwards. */
const readFields = (reader: Unmarshaller): Fields => {
  const length = reader.uint32();
  const end = reader.at + length;
  const fields: Fields = {};
  while (reader.at < end) {
    reader.align(8);
    readField(reader, fields);
  }
  if (reader.at !== end) reader.fail('an array does not end where it should');
  reader.align(8);
  return fields;
};

const cache = new HeaderCache();

/** As {@link readFields}, for a message of this type. Answers have a number in their header that never comes again. */
const knownFields = (reader: Unmarshaller, bytes: Buffer, little: boolean, code: number): Readonly<Fields> => {
  const repeats = code === TYPE_CODES.call || code === TYPE_CODES.signal;
  if (!repeats || bytes.length < HEAD_BYTES) return readFields(reader);
  const length = little ? bytes.readUInt32LE(reader.at) : bytes.readUInt32BE(reader.at);
  const end = HEAD_BYTES + Math.ceil(length / 8) * 8;
  const fields = cache.fields(bytes, little, end, () => readFields(reader));
  reader.at = end;
  return fields;
};

const requireField = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new ProtocolError(`malformed message: ${name} is missing`);
  return value;
};

/** A message that is being put together. Bit by bit: to spread objects into each other takes most of the time of a small one. */
type Draft<T = Received> = T extends unknown ? { -readonly [K in keyof T]: T[K] } : never;

/** A message as its type code decides; `undefined` for a type that is to be passed over. */
const draftOf = (code: number, fields: Readonly<Fields>, flags: number, serial: number): Draft | undefined => {
  const signature = fields.signature ?? '';
  const replySerial = (): number => requireField(fields.replySerial, 'replySerial');
  const path = (): string => requireField(fields.path, 'path');
  const member = (): string => requireField(fields.member, 'member');
  switch (code) {
    case TYPE_CODES.call: {
      const noReply = (flags & NO_REPLY_EXPECTED) !== 0;
      const call: Draft<Received<CallMessage>> = {
        kind: 'call',
        path: path(),
        member: member(),
        noReply,
        serial,
        signature,
        body: [],
      };
      if (fields.interface !== undefined) call.interface = fields.interface;
      return call;
    }
    case TYPE_CODES.return:
      return { kind: 'return', replySerial: replySerial(), serial, signature, body: [] };
    case TYPE_CODES.error: {
      const errorName = requireField(fields.errorName, 'errorName');
      return { kind: 'error', replySerial: replySerial(), errorName, serial, signature, body: [] };
    }
    case TYPE_CODES.signal: {
      const name = requireField(fields.interface, 'interface');
      return { kind: 'signal', path: path(), member: member(), interface: name, serial, signature, body: [] };
    }
    case 0:
      throw new ProtocolError('malformed message: its type is 0');
    default:
      return undefined;
  }
};

/** What one message gave. */
export interface Decoded {
  /** Absent where the type of the message is one that is to be passed over. */
  readonly message?: Received;
  /** How many of the descriptors belong to it. */
  readonly fdCount: number;
}

/** The body of a message is wrong but its head is not: it is known where it ends, and it can be passed over. */
export class BodyError extends ProtocolError {
  /** The message without its body. */
  readonly head: Received;
  /** How many of the descriptors belong to it. */
  readonly fdCount: number;

  constructor(reason: string, head: Received, fdCount: number) {
    super(reason);
    this.head = head;
    this.fdCount = fdCount;
  }
}

const readHead = (
  reader: Unmarshaller,
  bytes: Buffer,
  little: boolean,
): { readonly fdCount: number; readonly message?: Draft } => {
  const code = bytes[TYPE_OFFSET] ?? 0;
  const flags = bytes[FLAGS_OFFSET] ?? 0;
  const serial = reader.uint32();
  if (serial === 0) throw new ProtocolError('malformed message: its serial is 0');
  const fields = knownFields(reader, bytes, little, code);
  const fdCount = fields.unixFds ?? 0;
  const message = draftOf(code, fields, flags, serial);
  if (!message) return { fdCount };
  if (fields.destination !== undefined) message.destination = fields.destination;
  if (fields.sender !== undefined) message.sender = fields.sender;
  return { fdCount, message };
};

const readBody = (reader: Unmarshaller, bytes: Buffer, signature: string) => {
  const body = reader.values(parseSignature(signature));
  if (reader.at !== bytes.length) throw new ProtocolError('malformed message: it is longer than its body');
  return body;
};

/**
 * Unmarshal one whole message.
 * @param available the descriptors that have arrived and belong to no message yet, oldest first
 * @param maxBytes a longer message is not looked into: it is a {@link BodyError}
 * @throws ProtocolError if anything about it is wrong; then nothing was made of it
 */
export const decode = (
  bytes: Buffer,
  available: readonly number[],
  maxBytes: number = Number.POSITIVE_INFINITY,
): Decoded => {
  const little = isLittle(bytes);
  const header = new Unmarshaller(bytes, AFTER_LENGTHS, little, []);
  const head = readHead(header, bytes, little);
  const { message, fdCount } = head;
  if (fdCount > available.length) throw new ProtocolError('malformed message: its descriptors did not come with it');
  if (!message) return head;
  if (bytes.length > maxBytes)
    throw new BodyError(`message of ${bytes.length} bytes, at most ${maxBytes} are looked into`, message, fdCount);
  try {
    const fds = fdCount === 0 ? [] : available.slice(0, fdCount);
    message.body = readBody(new Unmarshaller(bytes, header.at, little, fds), bytes, message.signature);
    return { fdCount, message };
  } catch (error) {
    if (error instanceof ProtocolError) throw new BodyError(error.message, message, fdCount);
    throw error;
  }
};
