import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { Framer } from '../src/framer.js';
import { encode } from '../src/wire.js';

const message = (size: number): Buffer =>
  encode({
    kind: 'signal',
    path: '/',
    interface: 'a.b',
    member: 'S',
    signature: 'ay',
    body: [Buffer.alloc(size, size)],
  }).bytes;

test('messages come out whole, however the stream was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 90 })), (sizes, cuts) => {
      const messages = sizes.map(message);
      const framer = new Framer(1 << 20);
      const out: string[] = [];
      let stream = Buffer.concat(messages);
      for (const cut of [...cuts, stream.length]) {
        framer.push(stream.subarray(0, cut));
        stream = stream.subarray(cut);
        for (let next = framer.next(); next; next = framer.next()) out.push(next.toString('hex'));
      }
      expect(out).toEqual(messages.map((bytes) => bytes.toString('hex')));
    }),
  );
});

test('a message that is too long is refused from its first bytes', () => {
  const framer = new Framer(200);
  framer.push(message(300).subarray(0, 16));
  expect(() => framer.next()).toThrowError('at most 200 are accepted');
});
