import { expect, test } from 'vitest';
import { ProtocolError } from '../src/protocol-error.js';
import { formatType, parseSignature, parseSingleType } from '../src/signature.js';

test.each(['', 's', 'ybnqiuxtdsogh', 'as', 'aas', 'a(si)', 'a{sv}', 'a{s(aiv)}as', 'v', `${'a'.repeat(32)}y`])(
  "'%s' is a signature, and is written back the same",
  (signature) => {
    expect(parseSignature(signature).map(formatType).join('')).toBe(signature);
  },
);

test.each([
  ['z', "'z' is not a type"],
  ['a', 'it ends too early'],
  ['()', 'a struct must not be empty'],
  ['(s', 'it ends too early'],
  [')', "')' is not a type"],
  ['{sv}', "'{' is not a type"],
  ['a{vs}', 'the key of a dictionary must have a basic type'],
  ['a{s}', "'}' is not a type"],
  ['a{sss}', "expected '}'"],
  [`${'a'.repeat(33)}y`, 'it is nested too deeply'],
  [`${'('.repeat(33)}y${')'.repeat(33)}`, 'it is nested too deeply'],
])("'%s' is no signature: %s", (signature, reason) => {
  expect(() => parseSignature(signature)).toThrowError(new ProtocolError(`bad signature '${signature}': ${reason}`));
});

test('a signature has at most 255 letters', () => {
  expect(parseSignature('y'.repeat(255))).toHaveLength(255);
  expect(() => parseSignature('y'.repeat(256))).toThrowError('it is longer than 255');
});

test.each(['', 'ss'])("'%s' is not the type of one variant", (signature) => {
  expect(() => parseSingleType(signature)).toThrowError('expected exactly one complete type');
});
