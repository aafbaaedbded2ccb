import { expect, test } from 'vitest';
import { HeaderCache } from '../src/header-cache.js';
import type { CallMessage } from '../src/message.js';
import { decode, encode } from '../src/wire.js';

/** The same header again and again, as programs send it. */
const call = (more: Partial<CallMessage> = {}): Buffer =>
  Buffer.from(
    encode({
      kind: 'call',
      path: '/com/ubuntu/Upstart',
      interface: 'com.ubuntu.Upstart0_6',
      member: 'GetJobByName',
      noReply: false,
      signature: 's',
      body: ['web'],
      ...more,
    }).bytes,
  );

/** Reads that are counted. */
const counting = () => {
  const cache = new HeaderCache();
  let reads = 0;
  const fields = (bytes: Buffer, little = true, end = bytes.length) =>
    cache.fields(bytes, little, end, () => ({ member: `read ${++reads}` }));
  return { fields, reads: () => reads };
};

test('a header that came before is not read again, whatever the rest of the message is', () => {
  const first = decode(call(), []).message;
  expect(decode(call({ body: ['db'], noReply: true }), []).message).toEqual({ ...first, body: ['db'], noReply: true });
  expect(decode(call({ path: '/other' }), []).message).toEqual({ ...first, path: '/other' });
  expect(decode(call({ kind: 'call' }), []).message).toEqual(first);
});

test('the byte order is part of what a header says', () => {
  const { fields } = counting();
  const bytes = Buffer.alloc(64);
  expect(fields(bytes, true)).toEqual({ member: 'read 1' });
  expect(fields(bytes, false)).toEqual({ member: 'read 2' });
  expect(fields(bytes, true)).toEqual({ member: 'read 1' });
});

test('long headers, and more of them than a few, are not kept', () => {
  const { fields, reads } = counting();
  const long = Buffer.alloc(1024);
  fields(long);
  fields(long);
  expect(reads()).toBe(2);
  const short = Buffer.alloc(64);
  fields(short);
  fields(short);
  expect(reads()).toBe(3);
  for (let number = 0; number < 1000; number++) {
    const other = Buffer.alloc(64);
    other.writeUInt32LE(number + 1, 32);
    fields(other);
  }
  fields(short);
  expect(reads()).toBe(1004);
});

test('a header that can not be read is refused every time', () => {
  const wrong = call();
  wrong.write('!', wrong.indexOf('GetJobByName'), 'latin1');
  for (let round = 0; round < 2; round++) expect(() => decode(Buffer.from(wrong), [])).toThrow('member is not valid');
  const cut = call().subarray(0, 40);
  for (let round = 0; round < 2; round++) expect(() => decode(Buffer.from(cut), [])).toThrow('malformed message');
});
