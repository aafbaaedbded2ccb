import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { sameData } from '../src/same-data.js';

describe('two values of plain data', () => {
  test.each([
    [{ a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: undefined }, { b: undefined }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, {}, false],
    ['1', 1, false],
  ])('%j and %j', (a, b, same) => expect(sameData(a, b)).toBe(same));

  test('are the same to us as to Node', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(sameData(a, b)).toBe(isDeepStrictEqual(a, b));
        expect(sameData(a, structuredClone(a))).toBe(true);
      }),
    );
  });

  test('may be very deep', () => {
    const deep = (end: number) => {
      let value: unknown = end;
      for (let level = 0; level < 100_000; level++) value = { left: value };
      return value;
    };
    expect(sameData(deep(1), deep(1))).toBe(true);
    expect(sameData(deep(1), deep(2))).toBe(false);
  });
});
