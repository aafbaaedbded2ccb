/// <reference path="./dbus-next.d.ts" />
/**
 * Messages to bytes and back. The only module that touches dbus-next: its marshaller writes, its buffer reads, and
 * only what was verified before. Nothing of dbus-next shows in the types.
 */
import DBusBuffer from 'dbus-next/lib/dbus-buffer.js';
import codec from 'dbus-next/lib/message.js';
import { fromRaw, toRaw } from './marshal-format.js';
import type { Message, Received } from './message.js';
import { isBusName, isInterfaceName, isMemberName } from './names.js';
import { ProtocolError } from './protocol-error.js';
import { parseSignature } from './signature.js';
import type { Value } from './value.js';
import { type Marshalled, verify } from './verify.js';

const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;
const PROTOCOL_VERSION = 1;
const NO_REPLY_EXPECTED = 1;
const NO_AUTO_START = 2;
/** The fixed part of every message, with the length of the header fields at its end. */
export const HEAD_BYTES = 16;
const SERIAL_OFFSET = 8;
const HEADER_SIGNATURE = 'yyyyuua(yv)';
const HEADER_TYPES = parseSignature(HEADER_SIGNATURE);

const TYPE_CODES = { call: 1, return: 2, error: 3, signal: 4 } as const satisfies Record<Message['kind'], number>;

/** Header fields by code. @see D-Bus specification, "Header Fields" */
const FIELDS: Readonly<Record<number, { readonly name: string; readonly type: string }>> = {
  1: { name: 'path', type: 'o' },
  2: { name: 'interface', type: 's' },
  3: { name: 'member', type: 's' },
  4: { name: 'errorName', type: 's' },
  5: { name: 'replySerial', type: 'u' },
  6: { name: 'destination', type: 's' },
  7: { name: 'sender', type: 's' },
  8: { name: 'signature', type: 'g' },
  9: { name: 'unixFds', type: 'u' },
};

interface Fields {
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

/** A message ready to be sent: whole but for its serial number. */
export interface Encoded {
  readonly bytes: Buffer;
  /** The descriptors that travel with it, in the order of the message's indexes. */
  readonly fds: readonly number[];
}

const flagsOf = (message: Message): number =>
  message.kind === 'call' ? (message.noReply ? NO_REPLY_EXPECTED : 0) | (message.noAutoStart ? NO_AUTO_START : 0) : 0;

/**
 * Marshal a message, little-endian, with serial 1.
 * @throws TypeError or Error if the body is not as the signature says: a mistake of the caller's
 */
export const encode = (message: Message): Encoded => {
  const types = parseSignature(message.signature);
  if (types.length !== message.body.length) {
    throw new TypeError(`expected ${types.length} values for '${message.signature}', got ${message.body.length}`);
  }
  const [bytes, fds] = codec.marshall({
    ...message,
    type: TYPE_CODES[message.kind],
    flags: flagsOf(message),
    serial: 1,
    body: types.map((type, index) => toRaw(type, message.body[index])),
  });
  return { bytes, fds };
};

/** Put the serial number into a message that {@link encode} made. It is changed in place. */
export const stampSerial = (bytes: Buffer, serial: number): void => {
  bytes.writeUInt32LE(serial, SERIAL_OFFSET);
};

const isLittle = (bytes: Buffer): boolean => {
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

const readFields = (raw: unknown): Fields => {
  const fields: Record<string, unknown> = {};
  for (const [code, [[type], [value]]] of raw as [number, [[{ type: string }], [unknown]]][]) {
    const field = FIELDS[code];
    if (code === 0) throw new ProtocolError('malformed message: a header field has the code 0');
    if (!field) continue;
    if (type.type !== field.type)
      throw new ProtocolError(`malformed message: ${field.name} has the type '${type.type}'`);
    fields[field.name] = value;
  }
  return fields;
};

const requireField = <T>(value: T | undefined, name: string, isValid: (value: T) => boolean = () => true): T => {
  if (value === undefined) throw new ProtocolError(`malformed message: ${name} is missing`);
  if (!isValid(value)) throw new ProtocolError(`malformed message: ${name} is not valid`);
  return value;
};

const optionalField = <K extends string>(name: K, value: string | undefined, isValid: (value: string) => boolean) =>
  value === undefined ? {} : ({ [name]: requireField(value, name, isValid) } as { readonly [key in K]: string });

/** The part of a message that its type code decides; `undefined` for a type that is to be passed over. */
const readKind = (code: number, fields: Fields, noReply: boolean) => {
  const object = () => ({
    path: requireField(fields.path, 'path'),
    member: requireField(fields.member, 'member', isMemberName),
  });
  const replySerial = () => requireField(fields.replySerial, 'replySerial', (serial) => serial !== 0);
  switch (code) {
    case TYPE_CODES.call:
      return {
        kind: 'call',
        ...object(),
        ...optionalField('interface', fields.interface, isInterfaceName),
        noReply,
      } as const;
    case TYPE_CODES.return:
      return { kind: 'return', replySerial: replySerial() } as const;
    case TYPE_CODES.error:
      return {
        kind: 'error',
        replySerial: replySerial(),
        errorName: requireField(fields.errorName, 'errorName', isInterfaceName),
      } as const;
    case TYPE_CODES.signal:
      return {
        kind: 'signal',
        ...object(),
        interface: requireField(fields.interface, 'interface', isInterfaceName),
      } as const;
    case 0:
      throw new ProtocolError('malformed message: its type is 0');
    default:
      return undefined;
  }
};

const readBody = (data: Marshalled, at: number, signature: string, fds: readonly number[]): Value[] => {
  const types = parseSignature(signature);
  if (verify(data, at, types) !== data.bytes.length)
    throw new ProtocolError('malformed message: it is longer than its body');
  const reader = new DBusBuffer(data.bytes, 0, data.little ? LITTLE_ENDIAN : BIG_ENDIAN, fds);
  reader.pos = at;
  const raw = reader.read(signature);
  return types.map((type, index) => fromRaw(type, raw[index]));
};

/** What one message gave. */
export interface Decoded {
  /** Absent where the type of the message is one that is to be passed over. */
  readonly message?: Received;
  /** How many of the descriptors belong to it. */
  readonly fdCount: number;
}

/**
 * Unmarshal one whole message.
 * @param available the descriptors that have arrived and belong to no message yet, oldest first
 * @throws ProtocolError if anything about it is wrong; then nothing was made of it
 */
export const decode = (bytes: Buffer, available: readonly number[]): Decoded => {
  const little = isLittle(bytes);
  const fieldsEnd = verify({ bytes, little, fdCount: 0 }, 0, HEADER_TYPES);
  const header = new DBusBuffer(bytes, 0, little ? LITTLE_ENDIAN : BIG_ENDIAN, []).read(HEADER_SIGNATURE);
  const [, code, flags, , , serial, rawFields] = header as [number, number, number, number, number, number, unknown];
  if (serial === 0) throw new ProtocolError('malformed message: its serial is 0');
  const fields = readFields(rawFields);
  const fdCount = fields.unixFds ?? 0;
  if (fdCount > available.length) throw new ProtocolError('malformed message: its descriptors did not come with it');
  const kind = readKind(code, fields, (flags & NO_REPLY_EXPECTED) !== 0);
  if (!kind) return { fdCount };
  const signature = fields.signature ?? '';
  const bodyAt = Math.ceil(fieldsEnd / 8) * 8;
  const body = readBody({ bytes, little, fdCount }, bodyAt, signature, available.slice(0, fdCount));
  const names = {
    ...optionalField('destination', fields.destination, isBusName),
    ...optionalField('sender', fields.sender, isBusName),
  };
  return { fdCount, message: { ...kind, ...names, serial, signature, body } };
};
