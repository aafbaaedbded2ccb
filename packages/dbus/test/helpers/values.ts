import { fc } from '../../../conf/test/fast-check.js';
import { parseSignature, type TypeTree } from '../../src/signature.js';
import type { Value } from '../../src/value.js';

const int = (min: number, max: number) => fc.integer({ min, max });
const text = fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', ''));
const path = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_]+$/), { maxLength: 3 })
  .map((elements) => `/${elements.join('/')}`);

const SIGNATURES = [
  's',
  'as',
  'a(si)',
  'a{sv}',
  'aas',
  'v',
  'x',
  'ay',
  '(ybnqiu)',
  'a{ox}',
  'ad',
  'a(ob)',
  'aa{tv}',
  'g',
];

const basic: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  y: int(0, 0xff),
  b: fc.boolean(),
  n: int(-0x8000, 0x7fff),
  q: int(0, 0xffff),
  i: int(-0x80000000, 0x7fffffff),
  u: int(0, 0xffffffff),
  // The other marshaller that is asked does not know the smallest number of x.
  x: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
  t: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  // … nor the sign of zero.
  d: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  s: text,
  o: path,
  g: fc.constantFrom(...SIGNATURES),
};

const oneOf = (type: TypeTree, depth: number): fc.Arbitrary<Value> => {
  const [first] = type.child;
  if (type.type === 'v') {
    return fc
      .constantFrom(...(depth > 2 ? ['s', 'u'] : SIGNATURES))
      .chain((signature) =>
        oneOf(parseSignature(signature)[0] as TypeTree, depth + 1).map((value) => ({ signature, value })),
      );
  }
  if (type.type === '(') return fc.tuple(...type.child.map((child) => oneOf(child, depth)));
  if (type.type !== 'a' || !first) return basic[type.type] ?? fc.constant('');
  if (first.type === 'y') return fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes));
  const size = { maxLength: depth > 1 ? 2 : 4 };
  if (first.type !== '{') return fc.array(oneOf(first, depth + 1), size);
  const [key, value] = [first.child[0] as TypeTree, first.child[1] as TypeTree];
  return fc.array(fc.tuple(oneOf(key, depth), oneOf(value, depth + 1)), size).map((entries) => new Map(entries));
};

/** A signature with values of its types. */
export const body: fc.Arbitrary<{ signature: string; body: Value[] }> = fc
  .array(fc.constantFrom(...SIGNATURES), { maxLength: 4 })
  .map((parts) => parts.join(''))
  .chain((signature) =>
    fc.tuple(...parseSignature(signature).map((type) => oneOf(type, 0))).map((values) => ({ signature, body: values })),
  );
