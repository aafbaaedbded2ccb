/** Messages with something wrong in them, made of right ones. */

/** Numbers from a seed: the same seed gives the same ones. @see mulberry32 */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

const LENGTHS = [
  0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 64, 255, 256, 0x7fff, 0xffff, 0x4000000, 0x7fffffff, 0xffffffff,
] as const;
const TYPES = 'ybnqiuxtdsoghv(){}a';

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const somewhere = (bytes: Buffer, random: Random): number => random.below(bytes.length);

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  // One bit, one byte.
  (bytes, random) => {
    const at = somewhere(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  (bytes, random) => {
    bytes[somewhere(bytes, random)] = random.below(256);
    return bytes;
  },
  // A length, where one may be.
  (bytes, random) => {
    if (bytes.length < 8) return bytes;
    const at = Math.floor(random.below(bytes.length - 4) / 4) * 4;
    bytes.writeUInt32LE(random.of(LENGTHS), at);
    return bytes;
  },
  // A type.
  (bytes, random) => {
    bytes[somewhere(bytes, random)] = TYPES.charCodeAt(random.below(TYPES.length));
    return bytes;
  },
  // Less, more, and a piece of another message.
  (bytes, random) => bytes.subarray(0, Math.max(16, somewhere(bytes, random))),
  (bytes, random) => {
    const at = somewhere(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(random.below(9)), bytes.subarray(at)]);
  },
  (bytes, random, other) => {
    const at = somewhere(bytes, random);
    const from = somewhere(other, random);
    const piece = other.subarray(from, from + random.below(24));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)]);
  },
  // As if the bytes had the other order.
  (bytes) => {
    bytes[0] = bytes[0] === 0x6c ? 0x42 : 0x6c;
    return bytes;
  },
];

/** The lengths in the head made right again, or else almost everything would fail there and nothing behind it be seen. */
const withLengths = (bytes: Buffer): Buffer => {
  if (bytes.length < 16 || bytes[0] !== 0x6c) return bytes;
  const fields = Math.ceil(bytes.readUInt32LE(12) / 8) * 8;
  if (16 + fields <= bytes.length) bytes.writeUInt32LE(bytes.length - 16 - fields, 4);
  return bytes;
};

/** One of the messages, changed in a few places. */
export const mutated = (corpus: readonly [Buffer, ...Buffer[]], random: Random): Buffer => {
  let bytes = Buffer.from(random.of(corpus));
  for (let count = 1 + random.below(3); count > 0; count--) {
    bytes = Buffer.from(random.of(MUTATIONS)(bytes, random, random.of(corpus)));
  }
  return random.below(4) === 0 ? bytes : withLengths(bytes);
};
