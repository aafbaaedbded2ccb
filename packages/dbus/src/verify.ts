import { isUtf8 } from 'node:buffer';
import { isObjectPath } from './names.js';
import { ProtocolError } from './protocol-error.js';
import { parseSignature, parseSingleType, type TypeTree } from './signature.js';

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

/** Types whose every bit pattern is a value, with their size: an array of them needs no look inside. */
const PLAIN_SIZE: Readonly<Record<string, number>> = { y: 1, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8, d: 8 };

/** Containers in containers, variants included. @see D-Bus specification, "Valid Signatures" */
const MAX_DEPTH = 64;
const MAX_ARRAY_BYTES = 64 * 1024 * 1024;

/**
 * Checks marshalled data against its types before anything is built from it, so that what reads it afterwards can trust
 * every length, index and string. Reads nothing outside `bytes`, and its work is bounded by their number.
 */
class Verifier {
  private readonly bytes: Buffer;
  private readonly little: boolean;
  private readonly fdCount: number;
  private at: number;

  constructor(bytes: Buffer, at: number, little: boolean, fdCount: number) {
    this.bytes = bytes;
    this.at = at;
    this.little = little;
    this.fdCount = fdCount;
  }

  /** @returns the position after the values */
  values(types: readonly TypeTree[]): number {
    for (const type of types) this.value(type, 0);
    return this.at;
  }

  private fail(reason: string): never {
    throw new ProtocolError(`malformed message: ${reason} at byte ${this.at}`);
  }

  /** Move on by `size` bytes and return where they begin. */
  private take(size: number): number {
    const start = this.at;
    if (size > this.bytes.length - start) this.fail('it ends too early');
    this.at = start + size;
    return start;
  }

  private align(alignment: number): void {
    const padding = -this.at & (alignment - 1);
    const start = this.take(padding);
    for (let at = start; at < start + padding; at++) if (this.bytes[at] !== 0) this.fail('padding is not zero');
  }

  private uint32(): number {
    this.align(4);
    const at = this.take(4);
    return this.little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  private value(type: TypeTree, depth: number): void {
    if (depth > MAX_DEPTH) this.fail('it is nested too deeply');
    switch (type.type) {
      case 'b':
        if (this.uint32() > 1) this.fail('a boolean is neither 0 nor 1');
        return;
      case 'h':
        if (this.uint32() >= this.fdCount) this.fail('a descriptor is missing');
        return;
      case 's':
        this.text(this.uint32());
        return;
      case 'o':
        if (!isObjectPath(this.text(this.uint32()).toString('latin1'))) this.fail('an object path is not valid');
        return;
      case 'g':
        parseSignature(this.signature());
        return;
      case 'v':
        this.value(parseSingleType(this.signature()), depth + 1);
        return;
      case 'a':
        this.array(type, depth);
        return;
      case '(':
      case '{':
        this.align(8);
        for (const child of type.child) this.value(child, depth + 1);
        return;
      default: {
        const size = PLAIN_SIZE[type.type] ?? this.fail('its type is not known');
        this.align(size);
        this.take(size);
      }
    }
  }

  /** A NUL-terminated string of this many bytes. */
  private text(length: number): Buffer {
    const start = this.take(length + 1);
    const end = start + length;
    if (this.bytes.indexOf(0, start) !== end) this.fail('a string has a NUL inside or none after it');
    const text = this.bytes.subarray(start, end);
    if (!isUtf8(text)) this.fail('a string is not UTF-8');
    return text;
  }

  private signature(): string {
    const length = this.bytes[this.take(1)] ?? 0;
    return this.text(length).toString('latin1');
  }

  private array(type: TypeTree, depth: number): void {
    const length = this.uint32();
    if (length > MAX_ARRAY_BYTES) this.fail('an array is too long');
    const element = type.child[0] ?? this.fail('an array has no type');
    this.align(ALIGNMENT[element.type] ?? 1);
    const end = this.at + length;
    const size = PLAIN_SIZE[element.type];
    if (size !== undefined) {
      if (length % size !== 0) this.fail('the length of an array does not fit its type');
      this.take(length);
      return;
    }
    if (end > this.bytes.length) this.fail('an array ends too early');
    while (this.at < end) this.value(element, depth + 1);
    if (this.at !== end) this.fail('an array does not end where it should');
  }
}

/** What is to be verified: `fdCount` descriptors came with the message. */
export interface Marshalled {
  readonly bytes: Buffer;
  readonly little: boolean;
  readonly fdCount: number;
}

/**
 * Check that the bytes from `at` on are values of these types, as the D-Bus specification's "Marshaling" asks.
 * @returns the position after them
 * @throws ProtocolError at the first thing that is wrong
 */
export const verify = ({ bytes, little, fdCount }: Marshalled, at: number, types: readonly TypeTree[]): number =>
  new Verifier(bytes, at, little, fdCount).values(types);
