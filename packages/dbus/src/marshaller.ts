import { isObjectPath } from './names.js';
import { formatType, parseSignature, parseSingleType, type TypeTree } from './signature.js';
import type { Value, Variant } from './value.js';

/** Integers by type: their size on the wire and their range. */
const INTEGERS: Readonly<Record<string, { readonly size: 1 | 2 | 4; readonly min: number; readonly max: number }>> = {
  y: { size: 1, min: 0, max: 0xff },
  n: { size: 2, min: -0x8000, max: 0x7fff },
  q: { size: 2, min: 0, max: 0xffff },
  i: { size: 4, min: -0x80000000, max: 0x7fffffff },
  u: { size: 4, min: 0, max: 0xffffffff },
};
const BIG_RANGES: Readonly<Record<string, readonly [min: bigint, max: bigint]>> = {
  x: [-(2n ** 63n), 2n ** 63n - 1n],
  t: [0n, 2n ** 64n - 1n],
};
/** Types that are aligned to 8 bytes; an array of them says so even when it is empty. */
const ALIGNED_TO_8 = 'xtd({';

const FIRST_BYTES = 64 * 1024;
/** A buffer that one huge message has made larger than this is not kept. */
const KEPT_BYTES = 1024 * 1024;
/** Up to this length a loop here is faster than a call of Node's encoder. */
const SHORT_TEXT = 64;
/** A UTF-16 unit becomes three bytes of UTF-8 at most. */
const MAX_UTF8 = 3;

const describe = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const mismatch = (type: TypeTree, value: unknown): TypeError =>
  new TypeError(`expected a value of D-Bus type '${formatType(type)}', got ${describe(value)}`);

const outOfRange = (type: TypeTree, value: unknown): TypeError =>
  new TypeError(`expected a value of D-Bus type '${type.type}', got ${String(value)}`);

const isVariant = (value: unknown): value is Variant =>
  typeof value === 'object' && value !== null && 'signature' in value && 'value' in value;

/**
 * Writes values in D-Bus's form, little-endian, into a buffer that grows. One is used for many messages, one after the
 * other: {@link begin}, write, {@link take}.
 * @see D-Bus specification, "Marshaling"
 */
export class Marshaller {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);
  private at = 0;
  /** The descriptors of the values so far, in the order of their indexes. */
  fds: number[] = [];

  /** Forget everything and start anew. */
  begin(): void {
    if (this.bytes.length > KEPT_BYTES) this.resize(FIRST_BYTES);
    this.at = 0;
    this.fds = [];
  }

  /** The bytes so far, as a copy. */
  take(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.at));
  }

  get length(): number {
    return this.at;
  }

  /** Pad with zeros up to a multiple of `alignment`, a power of two. */
  align(alignment: number): void {
    const end = (this.at + alignment - 1) & -alignment;
    this.reserve(end - this.at);
    while (this.at < end) this.bytes[this.at++] = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  uint32(value: number): void {
    this.align(4);
    this.reserve(4);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
  }

  /** Set an integer that was written before. */
  patchUint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  string(text: string): void {
    this.uint32(0);
    const start = this.at;
    this.text(text);
    this.patchUint32(start - 4, this.at - start);
    this.byte(0);
  }

  /** A signature is a text with a length of one byte. */
  signature(text: string): void {
    this.byte(text.length);
    this.text(text);
    this.byte(0);
  }

  /** @throws TypeError if the value is not of the type */
  value(type: TypeTree, value: Value | undefined): void {
    switch (type.type) {
      case 's':
        if (typeof value !== 'string') throw mismatch(type, value);
        this.string(value);
        break;
      case 'o':
        if (typeof value !== 'string' || !isObjectPath(value)) throw mismatch(type, value);
        this.string(value);
        break;
      case 'g':
        if (typeof value !== 'string') throw mismatch(type, value);
        parseSignature(value);
        this.signature(value);
        break;
      case 'b':
        if (typeof value !== 'boolean') throw mismatch(type, value);
        this.uint32(value ? 1 : 0);
        break;
      case 'h':
        if (!Number.isInteger(value) || Number(value) < 0) throw mismatch(type, value);
        this.uint32(this.fds.push(Number(value)) - 1);
        break;
      case 'v':
        this.variant(type, value);
        break;
      case 'a':
        this.array(type, value);
        break;
      case '(':
      case '{':
        this.fields(type, value);
        break;
      case 'x':
      case 't':
        this.bigInteger(type, value);
        break;
      case 'd':
        if (typeof value !== 'number') throw mismatch(type, value);
        this.double(value);
        break;
      default:
        this.integer(type, value);
    }
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    this.resize(Math.max(this.bytes.length * 2, this.at + count));
  }

  private resize(size: number): void {
    const old = this.bytes;
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer);
    old.copy(this.bytes, 0, 0, Math.min(this.at, size));
  }

  private text(text: string): void {
    this.reserve(text.length * MAX_UTF8);
    if (text.length <= SHORT_TEXT && this.ascii(text)) return;
    if (text.includes('\0')) throw new TypeError('String contains null byte');
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  /** @returns false for a text that is no plain ASCII; then nothing counts as written */
  private ascii(text: string): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit === 0 || unit > 0x7f) return false;
      bytes[at + index] = unit;
    }
    this.at = at + text.length;
    return true;
  }

  private variant(type: TypeTree, value: Value | undefined): void {
    if (!isVariant(value)) throw mismatch(type, value);
    const inner = parseSingleType(value.signature);
    this.signature(value.signature);
    this.value(inner, value.value);
  }

  private array(type: TypeTree, value: Value | undefined): void {
    const [element] = type.child;
    if (!element) throw mismatch(type, value);
    this.uint32(0);
    const lengthAt = this.at - 4;
    if (ALIGNED_TO_8.includes(element.type)) this.align(8);
    const start = this.at;
    this.elements(type, element, value);
    this.patchUint32(lengthAt, this.at - start);
  }

  private elements(type: TypeTree, element: TypeTree, value: Value | undefined): void {
    if (element.type === '{') {
      if (!(value instanceof Map)) throw mismatch(type, value);
      for (const entry of value as ReadonlyMap<Value, Value>) this.fields(element, entry);
    } else if (element.type === 'y' && value instanceof Uint8Array) {
      this.reserve(value.length);
      this.bytes.set(value, this.at);
      this.at += value.length;
    } else {
      if (!Array.isArray(value)) throw mismatch(type, value);
      for (const item of value as readonly Value[]) this.value(element, item);
    }
  }

  private fields(type: TypeTree, value: Value | undefined): void {
    if (!Array.isArray(value) || value.length !== type.child.length) throw mismatch(type, value);
    this.align(8);
    const fields: readonly Value[] = value;
    type.child.forEach((child, index) => {
      this.value(child, fields[index]);
    });
  }

  private bigInteger(type: TypeTree, value: Value | undefined): void {
    const [min, max] = BIG_RANGES[type.type] ?? [0n, 0n];
    if (typeof value !== 'bigint') throw mismatch(type, value);
    if (value < min || value > max) throw outOfRange(type, value);
    this.align(8);
    this.reserve(8);
    this.view.setBigUint64(this.at, BigInt.asUintN(64, value), true);
    this.at += 8;
  }

  private double(value: number): void {
    this.align(8);
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  private integer(type: TypeTree, value: Value | undefined): void {
    const rule = INTEGERS[type.type];
    if (!rule || typeof value !== 'number') throw mismatch(type, value);
    if (!Number.isInteger(value) || value < rule.min || value > rule.max) throw outOfRange(type, value);
    this.align(rule.size);
    this.reserve(rule.size);
    if (rule.size === 1) this.bytes[this.at] = value;
    else if (rule.size === 2) this.view.setInt16(this.at, value, true);
    else this.view.setInt32(this.at, value, true);
    this.at += rule.size;
  }
}
