/**
 * Numbers in job files: an optional sign and digits, nothing else.
 *
 * @see specification of the language, section 2.7
 */

/** How the original reads a number: what it wraps to before it checks the range. */
type Wrap = (value: bigint) => bigint | undefined;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_END = 2n ** 64n;

const signed: Wrap = (value) => (value < INT64_MIN || value > INT64_MAX ? undefined : value);
const unsigned: Wrap = (value) => (value <= -UINT64_END || value >= UINT64_END ? undefined : BigInt.asUintN(64, value));

/** How the original narrows a number of each C type. */
const WRAPS = {
  int64: signed,
  uint64: unsigned,
  int32: (value) => {
    const wide = signed(value);
    return wide === undefined ? undefined : BigInt.asIntN(32, wide);
  },
  uint32: (value) => {
    const wide = unsigned(value);
    return wide === undefined ? undefined : BigInt.asUintN(32, wide);
  },
} as const satisfies Record<string, Wrap>;

export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
  readonly base?: 8 | 10;
  /** The C type that the original stores it in. */
  readonly type: keyof typeof WRAPS;
  /** The highest value that the original takes, if another. */
  readonly originalMax?: bigint;
}

export type IntegerResult =
  | { readonly ok: true; readonly value: bigint }
  /** `wraps`: the original takes it for another number, its bug B13. */
  | { readonly ok: false; readonly wraps: boolean };

const DIGITS = { 8: /^[+-]?[0-7]+$/, 10: /^[+-]?[0-9]+$/ } as const;

const toBigInt = (text: string, base: 8 | 10): bigint => {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '');
  const value = BigInt(base === 8 ? `0o${digits}` : digits);
  return negative ? -value : value;
};

/** More digits than any range allows would only cost time: `BigInt` is quadratic. */
const MAX_LENGTH = 400;

/** Read an integer within a range. */
export const parseInteger = (text: string, range: IntegerRange): IntegerResult => {
  const { min, max, base = 10, type, originalMax = max } = range;
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, '');
  if (trimmed.length > MAX_LENGTH || !DIGITS[base].test(trimmed)) return { ok: false, wraps: false };
  const value = toBigInt(trimmed, base);
  if (trimmed === text && value >= min && value <= max) return { ok: true, value };
  const wrapped = WRAPS[type](value);
  return { ok: false, wraps: wrapped !== undefined && wrapped >= min && wrapped <= originalMax };
};
