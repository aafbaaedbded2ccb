import { HeaderCache } from './header-cache.js';
import type { Received } from './message.js';
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

const optionalField = <K extends string>(name: K, value: string | undefined) =>
  value === undefined ? {} : ({ [name]: value } as { readonly [key in K]: string });

/** The part of a message that its type code decides; `undefined` for a type that is to be passed over. */
const readKind = (code: number, fields: Readonly<Fields>, flags: number) => {
  const object = () => ({
    path: requireField(fields.path, 'path'),
    member: requireField(fields.member, 'member'),
  });
  const replySerial = () => requireField(fields.replySerial, 'replySerial');
  switch (code) {
    case TYPE_CODES.call:
      return {
        kind: 'call',
        ...object(),
        ...optionalField('interface', fields.interface),
        noReply: (flags & NO_REPLY_EXPECTED) !== 0,
      } as const;
    case TYPE_CODES.return:
      return { kind: 'return', replySerial: replySerial() } as const;
    case TYPE_CODES.error:
      return {
        kind: 'error',
        replySerial: replySerial(),
        errorName: requireField(fields.errorName, 'errorName'),
      } as const;
    case TYPE_CODES.signal:
      return {
        kind: 'signal',
        ...object(),
        interface: requireField(fields.interface, 'interface'),
      } as const;
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

const readHead = (reader: Unmarshaller, bytes: Buffer, little: boolean): Decoded => {
  const code = bytes[TYPE_OFFSET] ?? 0;
  const flags = bytes[FLAGS_OFFSET] ?? 0;
  const serial = reader.uint32();
  if (serial === 0) throw new ProtocolError('malformed message: its serial is 0');
  const fields = knownFields(reader, bytes, little, code);
  const fdCount = fields.unixFds ?? 0;
  const kind = readKind(code, fields, flags);
  if (!kind) return { fdCount };
  const names = {
    ...optionalField('destination', fields.destination),
    ...optionalField('sender', fields.sender),
  };
  return { fdCount, message: { ...kind, ...names, serial, signature: fields.signature ?? '', body: [] } };
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
    const body = readBody(new Unmarshaller(bytes, header.at, little, fds), bytes, message.signature);
    return { fdCount, message: { ...message, body } };
  } catch (error) {
    if (error instanceof ProtocolError) throw new BodyError(error.message, message, fdCount);
    throw error;
  }
};
