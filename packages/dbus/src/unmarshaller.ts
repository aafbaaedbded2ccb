import { isUtf8 } from 'node:buffer';
import { isObjectPath } from './names.js';
import { ProtocolError } from './protocol-error.js';
import { parseSignature, parseSingleType, type TypeTree } from './signature.js';
import type { Value } from './value.js';

/** Alignment of every type on the wire, in bytes. */
const ALIGNMENT: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  s: 4,
  o: 4,
  a: 4,
  h: 4,
  x: 8,
  t: 8,
  d: 8,
  '(': 8,
  '{': 8,
};

/** The size of types that have one. The length of an array of them is a multiple of it. */
const SIZE: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8 };

/** Containers in containers, variants included. @see D-Bus specification, "Valid Signatures" */
const MAX_DEPTH = 64;
const MAX_ARRAY_BYTES = 64 * 1024 * 1024;
/** Up to this length a loop here is faster than a call of Node's check. */
const SHORT_TEXT = 64;

/**
 * Reads values in D-Bus's form, and takes nothing for granted: whatever the bytes are, either they are values of the types
 * asked for, every rule of the specification kept, or a ProtocolError says what is wrong. Reads nothing outside `bytes`,
 * and neither its work nor its memory is more than their number allows.
 * @see D-Bus specification, "Marshaling"
 */
export class Unmarshaller {
  private readonly bytes: Buffer;
  private readonly little: boolean;
  /** What indexes of type `h` stand for. */
  private readonly fds: readonly number[];
  /** Where the next value begins. */
  at: number;

  constructor(bytes: Buffer, at: number, little: boolean, fds: readonly number[]) {
    this.bytes = bytes;
    this.at = at;
    this.little = little;
    this.fds = fds;
  }

  values(types: readonly TypeTree[]): Value[] {
    return types.map((type) => this.value(type, 0));
  }

  /** Pass over padding, which must be zero. */
  align(alignment: number): void {
    const padding = -this.at & (alignment - 1);
    if (padding === 0) return;
    const start = this.take(padding);
    for (let at = start; at < start + padding; at++) if (this.bytes[at] !== 0) this.fail('padding is not zero');
  }

  byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  uint32(): number {
    this.align(4);
    const at = this.take(4);
    return this.little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  string(): string {
    return this.text(this.uint32());
  }

  path(): string {
    const path = this.string();
    if (!isObjectPath(path)) this.fail('an object path is not valid');
    return path;
  }

  /** Not looked into: whoever parses it sees what it is. */
  signature(): string {
    return this.text(this.byte());
  }

  value(type: TypeTree, depth: number): Value {
    if (depth > MAX_DEPTH) this.fail('it is nested too deeply');
    switch (type.type) {
      case 's':
        return this.string();
      case 'o':
        return this.path();
      case 'g':
        return this.validSignature();
      case 'b':
        return this.boolean();
      case 'h':
        return this.fds[this.uint32()] ?? this.fail('a descriptor is missing');
      case 'v':
        return this.variant(depth);
      case 'a':
        return this.array(type, depth);
      case '(':
      case '{':
        return this.fields(type, depth);
      default:
        return this.number(type.type);
    }
  }

  fail(reason: string): never {
    throw new ProtocolError(`malformed message: ${reason} at byte ${this.at}`);
  }

  /** Move on by `size` bytes and return where they begin. */
  private take(size: number): number {
    const start = this.at;
    if (size > this.bytes.length - start) this.fail('it ends too early');
    this.at = start + size;
    return start;
  }

  /** A NUL-terminated text of this many bytes. */
  private text(length: number): string {
    const start = this.take(length + 1);
    const end = start + length;
    if (this.bytes[end] !== 0) this.fail('a string has a NUL inside or none after it');
    if (length <= SHORT_TEXT && this.isAscii(start, end)) return this.bytes.toString('latin1', start, end);
    const text = this.bytes.subarray(start, end);
    if (text.includes(0)) this.fail('a string has a NUL inside or none after it');
    if (!isUtf8(text)) this.fail('a string is not UTF-8');
    return text.toString();
  }

  /** Plain ASCII without NUL. */
  private isAscii(start: number, end: number): boolean {
    const { bytes } = this;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0 || byte > 0x7f) return false;
    }
    return true;
  }

  private validSignature(): string {
    const signature = this.signature();
    parseSignature(signature);
    return signature;
  }

  private boolean(): boolean {
    const value = this.uint32();
    if (value > 1) this.fail('a boolean is neither 0 nor 1');
    return value === 1;
  }

  private variant(depth: number): Value {
    const signature = this.signature();
    return { signature, value: this.value(parseSingleType(signature), depth + 1) };
  }

  private fields(type: TypeTree, depth: number): Value[] {
    this.align(8);
    return type.child.map((child) => this.value(child, depth + 1));
  }

  private array(type: TypeTree, depth: number): Value {
    const length = this.uint32();
    if (length > MAX_ARRAY_BYTES) this.fail('an array is too long');
    const element = type.child[0] ?? this.fail('an array has no type');
    this.align(ALIGNMENT[element.type] ?? 1);
    const end = this.at + length;
    if (length % (SIZE[element.type] ?? 1) !== 0) this.fail('the length of an array does not fit its type');
    if (end > this.bytes.length) this.fail(SIZE[element.type] ? 'it ends too early' : 'an array ends too early');
    if (element.type === 'y') return this.byteArray(end);
    const value = element.type === '{' ? this.dictionary(element, end, depth) : this.elements(element, end, depth);
    if (this.at !== end) this.fail('an array does not end where it should');
    return value;
  }

  /** A copy, so that a small value does not keep a whole message. */
  private byteArray(end: number): Buffer {
    const bytes = Buffer.from(this.bytes.subarray(this.at, end));
    this.at = end;
    return bytes;
  }

  private elements(element: TypeTree, end: number, depth: number): Value[] {
    const values: Value[] = [];
    while (this.at < end) values.push(this.value(element, depth + 1));
    return values;
  }

  private dictionary(entry: TypeTree, end: number, depth: number): Map<Value, Value> {
    const [key, value] = entry.child;
    if (!key || !value) return this.fail('a dictionary has no types');
    const map = new Map<Value, Value>();
    while (this.at < end) {
      this.align(8);
      map.set(this.value(key, depth + 2), this.value(value, depth + 2));
    }
    return map;
  }

  private number(type: string): number | bigint {
    const size = SIZE[type] ?? this.fail('its type is not known');
    this.align(size);
    const at = this.take(size);
    const { bytes, little } = this;
    switch (type) {
      case 'n':
        return little ? bytes.readInt16LE(at) : bytes.readInt16BE(at);
      case 'q':
        return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
      case 'i':
        return little ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
      case 'u':
        return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
      case 'x':
        return little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at);
      case 't':
        return little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
      case 'd':
        return little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
      default:
        return bytes[at] ?? 0;
    }
  }
}
