/// <reference path="./dbus-next.d.ts" />
/** dbus-next's marshaller, as another opinion about bytes. */
import DBusBuffer from 'dbus-next/lib/dbus-buffer.js';
import codec from 'dbus-next/lib/message.js';
import { formatType, parseSignature, parseSingleType, type TypeTree } from '../../src/signature.js';
import type { Value, Variant } from '../../src/value.js';

/** How dbus-next wants a value: a variant is `[signature, value]`, a dictionary an array of pairs. */
const toRaw = (type: TypeTree, value: Value): unknown => {
  const [first] = type.child;
  if (type.type === 'v') {
    const { signature, value: inner } = value as Variant;
    return [signature, toRaw(parseSingleType(signature), inner)];
  }
  if (type.type === '(' || type.type === '{') {
    return type.child.map((child, index) => toRaw(child, (value as readonly Value[])[index] ?? ''));
  }
  if (type.type !== 'a' || !first) return value;
  return Array.from(value as Iterable<Value>, (item) => toRaw(first, item));
};

/** What dbus-next read: a variant is `[types, [value]]`. */
const fromRaw = (type: TypeTree, raw: unknown): Value => {
  const [first] = type.child;
  if (type.type === 'v') {
    const [[inner], [value]] = raw as [[TypeTree], [unknown]];
    return { signature: formatType(inner), value: fromRaw(inner, value) };
  }
  if (type.type === '(' || type.type === '{') {
    return type.child.map((child, index) => fromRaw(child, (raw as unknown[])[index]));
  }
  if (type.type !== 'a' || !first || first.type === 'y') return raw as Value;
  const items = (raw as unknown[]).map((item) => fromRaw(first, item));
  return first.type === '{' ? new Map(items as [Value, Value][]) : items;
};

/** The body of a message of these values, in dbus-next's bytes. */
export const dbusNextBody = (signature: string, values: readonly Value[]): Buffer => {
  const body = parseSignature(signature).map((type, index) => toRaw(type, values[index] ?? ''));
  const call = { type: 1, flags: 0, serial: 1, path: '/', member: 'M', signature, body };
  const [bytes] = codec.marshall(call);
  return bytes.subarray(bytes.length - bytes.readUInt32LE(4));
};

/** What dbus-next reads from the body of a little-endian message. */
export const dbusNextValues = (signature: string, body: Buffer): Value[] => {
  const raw = new DBusBuffer(body, 0, 0x6c, []).read(signature);
  return parseSignature(signature).map((type, index) => fromRaw(type, raw[index]));
};
