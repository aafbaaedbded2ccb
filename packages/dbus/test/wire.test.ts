import { describe, expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import type { Message } from '../src/message.js';
import { ProtocolError } from '../src/protocol-error.js';
import type { Value } from '../src/value.js';
import { BodyError, decode, encode, messageSize, stampSerial } from '../src/wire.js';
import { dbusNextBody, dbusNextValues } from './helpers/dbus-next-codec.js';
import { body } from './helpers/values.js';

const call = (signature: string, values: readonly Value[]): Message => ({
  kind: 'call',
  path: '/o',
  interface: 'i.f',
  member: 'M',
  noReply: false,
  signature,
  body: values,
});

const bodyBytes = (signature: string, values: readonly Value[]): string => {
  const { bytes } = encode(call(signature, values));
  return bytes.subarray(bytes.length - bytes.readUInt32LE(4)).toString('hex');
};

/** A message whose body is these bytes, whatever they are. */
const withBody = (signature: string, hex: string, values: readonly Value[]): Buffer => {
  const { bytes } = encode(call(signature, values));
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const head = Buffer.from(bytes.subarray(0, bytes.length - bytes.readUInt32LE(4)));
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};

describe('marshalling', () => {
  test.each<[signature: string, values: Value[], hex: string]>([
    ['y', [0x2a], '2a'],
    ['b', [true], '01000000'],
    ['n', [-2], 'feff'],
    ['q', [0xfffe], 'feff'],
    ['i', [-2], 'feffffff'],
    ['u', [4294967294], 'feffffff'],
    ['x', [-2n], 'feffffffffffffff'],
    ['t', [2n ** 64n - 2n], 'feffffffffffffff'],
    ['d', [1.5], '000000000000f83f'],
    ['s', ['ü'], '02000000 c3bc 00'],
    ['o', ['/'], '01000000 2f 00'],
    ['g', ['as'], '02 6173 00'],
    ['v', [{ signature: 'y', value: 7 }], '01 79 00 07'],
    ['as', [['a', 'bc']], '0f000000 01000000 6100 0000 02000000 626300'],
    ['as', [[]], '00000000'],
    ['ay', [Buffer.from([1, 2])], '02000000 0102'],
    ['at', [[]], '00000000 00000000'],
    ['(yi)', [[1, 2]], '01 000000 02000000'],
    ['a{yy}', [new Map([[1, 2]])], '02000000 00000000 01 02'],
    ['yas', [1, ['x']], '01 000000 06000000 01000000 7800'],
  ])('%s is marshalled in its place', (signature, values, hex) => {
    expect(bodyBytes(signature, values)).toBe(hex.replaceAll(' ', ''));
  });

  test('what is sent is what arrives', () => {
    fc.assert(
      fc.property(body, ({ signature, body }) => {
        const { message } = decode(encode(call(signature, body)).bytes, []);
        expect(message).toEqual({ ...call(signature, body), serial: 1 });
      }),
    );
  });

  test('another marshaller writes the same bytes, and reads the same values from them', () => {
    fc.assert(
      fc.property(body, ({ signature, body }) => {
        const bytes = Buffer.from(bodyBytes(signature, body), 'hex');
        expect(bytes.toString('hex')).toBe(dbusNextBody(signature, body).toString('hex'));
        expect(dbusNextValues(signature, bytes)).toEqual(body);
      }),
    );
  });

  test('a long integer out of range is refused', () => {
    expect(() => encode(call('t', [-1n]))).toThrowError("expected a value of D-Bus type 't', got -1");
    expect(() => encode(call('x', [2n ** 63n]))).toThrowError("expected a value of D-Bus type 'x'");
  });

  test('the smallest integers and the sign of zero are kept', () => {
    const values = [-(2n ** 63n), -0, Number.POSITIVE_INFINITY];
    expect(decode(encode(call('xdd', values)).bytes, []).message?.body).toEqual(values);
  });

  test('a text of any length and alphabet is kept, and a huge one makes room for itself', () => {
    for (const text of ['', 'a'.repeat(64), 'a'.repeat(65), `${'a'.repeat(63)}ü`, '日本'.repeat(300_000)]) {
      expect(decode(encode(call('s', [text])).bytes, []).message?.body).toEqual([text]);
    }
    expect(bodyBytes('s', ['x'])).toBe('010000007800');
  });

  test.each<[Message]>([
    [{ kind: 'call', path: '/a/b', member: 'M', noReply: true, signature: '', body: [] }],
    [{ kind: 'return', replySerial: 9, destination: ':1.5', signature: 's', body: ['x'] }],
    [{ kind: 'error', replySerial: 9, errorName: 'a.B', sender: 'org.x', signature: 's', body: ['x'] }],
    [{ kind: 'signal', path: '/', interface: 'a.b', member: 'S', signature: '', body: [] }],
  ])('a message keeps its fields: %j', (message) => {
    const { bytes } = encode(message);
    stampSerial(bytes, 77);
    expect(decode(bytes, []).message).toEqual({ ...message, serial: 77 });
  });

  test('descriptors leave as indexes and come back as numbers', () => {
    const { bytes, fds } = encode(call('hsah', [40, 'x', [41, 42]]));
    expect(fds).toEqual([40, 41, 42]);
    const { message, fdCount } = decode(bytes, [5, 6, 7, 8]);
    expect(message?.body).toEqual([5, 'x', [6, 7]]);
    expect(fdCount).toBe(3);
  });

  test.each<[signature: string, values: unknown[], error: string]>([
    ['s', [], "expected 1 values for 's', got 0"],
    ['v', ['x'], "expected a value of D-Bus type 'v', got string"],
    ['as', ['x'], "expected a value of D-Bus type 'as', got string"],
    ['a{sv}', [{}], "expected a value of D-Bus type 'a{sv}', got object"],
    ['(si)', [['x']], "expected a value of D-Bus type '(si)', got array"],
    ['x', [1], "expected a value of D-Bus type 'x', got number"],
    ['o', ['no path'], "expected a value of D-Bus type 'o', got string"],
    ['y', [256], "expected a value of D-Bus type 'y', got 256"],
    ['i', [1.5], "expected a value of D-Bus type 'i', got 1.5"],
    ['n', [-32769], "expected a value of D-Bus type 'n', got -32769"],
    ['b', [1], "expected a value of D-Bus type 'b', got number"],
    ['h', [-1], "expected a value of D-Bus type 'h', got number"],
    ['g', ['a'], "bad signature 'a': it ends too early"],
    ['s', ['a\0'], 'String contains null byte'],
    ['s', [`${'a'.repeat(99)}\0`], 'String contains null byte'],
    ['s', [undefined], "expected a value of D-Bus type 's', got undefined"],
  ])('what does not fit %s is refused: %j', (signature, values, error) => {
    expect(() => encode(call(signature, values as Value[]))).toThrowError(error);
  });
});

describe('unmarshalling', () => {
  test('a big-endian message is read', () => {
    const hex = [
      '42 01 00 01  00000004  00000007  00000027', // call, 4 bytes of body, serial 7, 39 bytes of fields
      '01 01 6f 00  00000001  2f 00  000000000000', // path /
      '03 01 73 00  00000001  4d 00  000000000000', // member M
      '08 01 67 00  01 69 00  00', // signature i
      'fffffffe',
    ].join('');
    const { message } = decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'), []);
    const call = { kind: 'call', path: '/', member: 'M', noReply: false };
    expect(message).toEqual({ ...call, serial: 7, signature: 'i', body: [-2] });
  });

  test.each<[what: string, signature: string, values: Value[], hex: string, error: string]>([
    ['a boolean 2', 'b', [true], '02000000', 'a boolean is neither 0 nor 1'],
    ['a string that is longer than the message', 's', [''], 'ff000000 00', 'it ends too early'],
    ['a string of 4 GiB', 's', [''], 'ffffffff 00', 'it ends too early'],
    ['a string without its NUL', 's', [''], '01000000 61 62', 'a string has a NUL inside or none after it'],
    ['a string with a NUL inside', 's', [''], '03000000 610062 00', 'a string has a NUL inside or none after it'],
    ['a string that is not UTF-8', 's', [''], '01000000 ff 00', 'a string is not UTF-8'],
    ['a bad object path', 'o', ['/'], '02000000 2f2f 00', 'an object path is not valid'],
    ['a bad signature', 'g', ['y'], '01 7a 00', "'z' is not a type"],
    ['a variant of two types', 'v', [{ signature: 'y', value: 1 }], '02 7979 00 01 01', 'exactly one complete type'],
    ['a variant of no type', 'v', [{ signature: 'y', value: 1 }], '00 00', 'exactly one complete type'],
    ['an array of 4 GiB', 'a(y)', [[]], 'ffffffff 00000000', 'an array is too long'],
    ['an array beyond the end', 'as', [[]], '10000000', 'an array ends too early'],
    [
      'an array that ends inside an element',
      'as',
      [[]],
      '05000000 01000000 6100',
      'an array does not end where it should',
    ],
    ['an array of half an integer', 'ai', [[]], '02000000 0000', 'the length of an array does not fit its type'],
    ['padding that is not zero', 'yi', [1, 2], '01 ff0000 02000000', 'padding is not zero'],
    ['bytes after the body', 'y', [1], '01 02', 'it is longer than its body'],
    ['too few bytes', 'ii', [1, 2], '01000000', 'it ends too early'],
  ])('%s is refused', (_, signature, values, hex, error) => {
    expect(() => decode(withBody(signature, hex, values), [])).toThrowError(error);
    expect(() => decode(withBody(signature, hex, values), [])).toThrowError(ProtocolError);
  });

  test('a descriptor that did not come is refused', () => {
    expect(() => decode(encode(call('h', [3])).bytes, [])).toThrowError('its descriptors did not come with it');
  });

  test('an index of a descriptor beyond their number is refused', () => {
    const { bytes } = encode(call('h', [3]));
    bytes.writeUInt32LE(5, bytes.length - 4);
    expect(() => decode(bytes, [9, 9, 9, 9, 9, 9, 9])).toThrowError('a descriptor is missing');
  });

  test('descriptors in a variant are counted', () => {
    const { bytes, fds } = encode(call('v', [{ signature: 'h', value: 3 }]));
    expect(fds).toEqual([3]);
    const { message, fdCount } = decode(bytes, [7]);
    expect([message?.body, fdCount]).toEqual([[{ signature: 'h', value: 7 }], 1]);
  });

  test('of a message that is wrong behind its head, the head is known', () => {
    const { bytes } = encode(call('h', [3]));
    bytes.writeUInt32LE(5, bytes.length - 4);
    const head = { kind: 'call', path: '/o', interface: 'i.f', member: 'M', noReply: false, serial: 1 };
    const faulty = { fdCount: 1, head: { ...head, signature: 'h', body: [] } };
    expect(() => decode(bytes, [9, 9])).toThrowError(expect.objectContaining(faulty));
    expect(() => decode(encode(call('s', ['x'])).bytes, [], 20)).toThrowError(BodyError);
  });

  test('variants in variants end at 64 levels', () => {
    const hex = `${'017600'.repeat(100)}01790007`;
    expect(() => decode(withBody('v', hex, [{ signature: 'y', value: 1 }]), [])).toThrowError(
      'it is nested too deeply',
    );
  });

  test.each<[what: string, change: (bytes: Buffer) => void, error: string]>([
    ['a type of 0', (bytes) => bytes.writeUInt8(0, 1), 'its type is 0'],
    ['a serial of 0', (bytes) => bytes.writeUInt32LE(0, 8), 'its serial is 0'],
    ['a call that says it is a signal of no interface', (bytes) => bytes.writeUInt8(2, 1), 'replySerial is missing'],
    ['another byte order', (bytes) => bytes.writeUInt8(0x78, 0), 'no byte order'],
  ])('%s is refused', (_, change, error) => {
    const { bytes } = encode(call('s', ['x']));
    change(bytes);
    expect(() => decode(bytes, [])).toThrowError(error);
  });

  test('a header field that is given twice, or is no name where one belongs, is refused', () => {
    const fields = () => encode({ ...call('', []), destination: 'a.b' }).bytes;
    const twice = fields();
    twice[twice.indexOf('\x02\x01s', 16, 'latin1')] = 6;
    expect(() => decode(twice, [])).toThrow('destination is given twice');
    const wrong = fields();
    wrong[wrong.indexOf('\x06\x01s', 16, 'latin1')] = 4;
    wrong.write('/', wrong.indexOf('a.b\0', 16, 'latin1'), 'latin1');
    expect(() => decode(wrong, [])).toThrow('errorName is not valid');
  });

  test('a message of a type that is to come is passed over', () => {
    const { bytes } = encode(call('s', ['x']));
    bytes.writeUInt8(9, 1);
    expect(decode(bytes, [])).toEqual({ fdCount: 0 });
  });

  test('a dictionary can have the key __proto__', () => {
    const value: Value = new Map([['__proto__', { signature: 's', value: 'x' }]]);
    expect(decode(encode(call('a{sv}', [value])).bytes, []).message?.body).toEqual([value]);
  });

  test('rubbish is refused as what it is, never with another error', () => {
    const decodes = (bytes: Buffer): void => {
      try {
        decode(bytes, [3, 4]);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), (bytes) => decodes(Buffer.from(bytes))));
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(body, flips, ({ signature, body }, changes) => {
        const { bytes } = encode(call(signature, body));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        decodes(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the size of a message', () => {
  const head = encode(call('ay', [Buffer.alloc(1000)])).bytes;

  test('is known from its first 16 bytes', () => {
    expect(messageSize(head.subarray(0, 16), 1 << 20)).toBe(head.length);
  });

  test('is refused before anything is set aside for it', () => {
    expect(() => messageSize(head.subarray(0, 16), 1000)).toThrowError(`message of ${head.length} bytes, at most 1000`);
  });

  test('does not overflow', () => {
    const huge = Buffer.from(head.subarray(0, 16));
    huge.writeUInt32LE(0xffffffff, 4);
    huge.writeUInt32LE(0xffffffff, 12);
    expect(() => messageSize(huge, 2 ** 31)).toThrowError('at most');
  });

  test('is refused for another protocol', () => {
    const other = Buffer.from(head.subarray(0, 16));
    other.writeUInt8(2, 3);
    expect(() => messageSize(other, 1 << 20)).toThrowError('the protocol version is not 1');
  });
});
