import { isObjectPath } from './names.js';
import { formatType, parseSingleType, type TypeTree } from './signature.js';
import type { Value, Variant } from './value.js';

/**
 * Between our values and the nested arrays that dbus-next's marshaller reads and writes: there, a variant is
 * `[types, [value]]` when read and `[signature, value]` when written, and a dictionary an array of pairs.
 */
export type Raw = unknown;

const describe = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const mismatch = (type: TypeTree, value: unknown): TypeError =>
  new TypeError(`expected a value of D-Bus type '${formatType(type)}', got ${describe(value)}`);

const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && 'signature' in value && 'value' in value;

const elementsToRaw = (type: TypeTree, element: TypeTree, value: Value): Raw => {
  if (element.type === 'y' && value instanceof Uint8Array) return Array.from(value);
  if (element.type === '{') {
    if (!(value instanceof Map)) throw mismatch(type, value);
    return Array.from(value as ReadonlyMap<Value, Value>, (entry) => fieldsToRaw(element, entry));
  }
  if (!Array.isArray(value)) throw mismatch(type, value);
  return (value as readonly Value[]).map((item) => toRaw(element, item));
};

const fieldsToRaw = (type: TypeTree, value: Value): Raw[] => {
  if (!Array.isArray(value) || value.length !== type.child.length) throw mismatch(type, value);
  const fields: readonly Value[] = value;
  return type.child.map((child, index) => toRaw(child, fields[index]));
};

/** Our value as dbus-next writes it. @throws TypeError if it is not of that type */
export const toRaw = (type: TypeTree, value: Value | undefined): Raw => {
  if (value === undefined) throw mismatch(type, value);
  switch (type.type) {
    case 'v':
      if (!isVariant(value)) throw mismatch(type, value);
      return [value.signature, toRaw(parseSingleType(value.signature), value.value)];
    case 'a':
      return type.child[0] ? elementsToRaw(type, type.child[0], value) : [];
    case '(':
    case '{':
      return fieldsToRaw(type, value);
    case 'x':
    case 't':
      if (typeof value !== 'bigint') throw mismatch(type, value);
      return value;
    case 'o':
      if (typeof value !== 'string' || !isObjectPath(value)) throw mismatch(type, value);
      return value;
    default:
      return value;
  }
};

/** What dbus-next read, as our value. The bytes were verified, so their shape is that of the type. */
export const fromRaw = (type: TypeTree, raw: Raw): Value => {
  switch (type.type) {
    case 'v': {
      const [[inner], [value]] = raw as [[TypeTree], [Raw]];
      return { signature: formatType(inner), value: fromRaw(inner, value) };
    }
    case 'a': {
      const [element] = type.child;
      if (!element || element.type === 'y') return raw as Uint8Array;
      if (element.type === '{') return new Map((raw as Raw[]).map((entry) => entryFromRaw(element, entry)));
      return (raw as Raw[]).map((item) => fromRaw(element, item));
    }
    case '(':
      return type.child.map((child, index) => fromRaw(child, (raw as Raw[])[index]));
    default:
      return raw as Value;
  }
};

const entryFromRaw = (type: TypeTree, raw: Raw): [Value, Value] => {
  const [key, value] = type.child;
  const [rawKey, rawValue] = raw as [Raw, Raw];
  if (!key || !value) throw mismatch(type, raw);
  return [fromRaw(key, rawKey), fromRaw(value, rawValue)];
};
