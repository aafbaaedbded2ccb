import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { formatAddress, parseAddress, SYSTEM_ADDRESS, sessionAddress } from '../src/address.js';
import { DBusError } from '../src/dbus-error.js';

test.each([
  [SYSTEM_ADDRESS, [{ kind: 'abstract', name: '/com/ubuntu/upstart' }]],
  [sessionAddress(1000, 42), [{ kind: 'abstract', name: '/com/ubuntu/upstart-session/1000/42' }]],
  ['unix:path=/run/a%20b,guid=0123', [{ kind: 'path', name: '/run/a b' }]],
  ['unix:path=/tmp/%c3%BC', [{ kind: 'path', name: '/tmp/ü' }]],
  [
    'unix:path=/a;unix:abstract=b;',
    [
      { kind: 'path', name: '/a' },
      { kind: 'abstract', name: 'b' },
    ],
  ],
])('the address %s', (address, expected) => {
  expect(parseAddress(address)).toEqual(expected);
});

test.each([
  ['/run/upstart', 'expected TRANSPORT:KEY=VALUE, such as unix:path=/run/upstart'],
  ['tcp:host=localhost,port=1', "the transport 'tcp' is not supported, only unix is"],
  ['unix:', "expected KEY=VALUE, got ''"],
  ['unix:path', "expected KEY=VALUE, got 'path'"],
  ['unix:guid=1', "expected one of 'abstract' and 'path'"],
  ['unix:path=/a,abstract=b', "expected one of 'abstract' and 'path'"],
  ['unix:path=/a,path=/b', "'path' is given twice"],
  ['unix:path=/a b', "the value '/a b' has a character that must be written as %XX"],
  ['unix:path=/a%2', "the value '/a%2' has a character that must be written as %XX"],
])("the address '%s' is refused: %s", (address, reason) => {
  expect(() => parseAddress(address)).toThrowError(
    new DBusError('org.freedesktop.DBus.Error.BadAddress', `Could not use the D-Bus address '${address}': ${reason}`),
  );
});

test.each(['', ';'])("the address '%s' is refused in libdbus's words", (address) => {
  expect(() => parseAddress(address)).toThrowError(
    new DBusError('org.freedesktop.DBus.Error.BadAddress', `Empty address '${address}'`),
  );
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('abstract' as const, 'path' as const),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      (kind, name) => {
        expect(parseAddress(formatAddress({ kind, name }))).toEqual([{ kind, name }]);
      },
    ),
  );
});
