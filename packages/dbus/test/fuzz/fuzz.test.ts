/**
 * `npm run fuzz -- 600` runs for so many seconds with another seed; FUZZ_SEED repeats one. A failure shows the message.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { Framer } from '../../src/framer.js';
import type { Received } from '../../src/message.js';
import { ProtocolError } from '../../src/protocol-error.js';
import { type Decoded, decode, encode, messageSize, stampSerial } from '../../src/wire.js';
import { compileWithLibdbus } from '../helpers/compile.js';
import { mutated, Random } from './mutate.js';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
/** Without a time: so many messages. */
const COUNT = 20_000;
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const BATCH = 2_000;
const DAY_MS = 86_400_000;
const MAX_BYTES = 1 << 20;
const FDS = [100, 101];

/** What real clients and the daemon said to each other. */
const recorded = readFileSync(join(import.meta.dirname, 'corpus.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => Buffer.from(line.slice(line.indexOf(': ') + 2), 'hex'));

/** What they did not happen to say: every type, descriptors, depth. */
const made = (
  [
    ['ybnqiuxtd', [1, true, -2, 3, -4, 5, -6n, 7n, 0.5]],
    ['sogvay', ['text', '/a/b', 'a{sv}', { signature: 'as', value: ['x'] }, Buffer.from([1, 2, 3])]],
    ['hah', [100, [101]]],
    [
      'a{sv}(i(s))aad',
      [new Map([['k', { signature: 'v', value: { signature: 'u', value: 1 } }]]), [1, ['s']], [[1.5]]],
    ],
  ] as const
).map(([signature, body]) =>
  Buffer.from(
    encode({ kind: 'call', path: '/o', interface: 'a.b', member: 'M', noReply: false, signature, body } as never).bytes,
  ),
);

const [first = Buffer.alloc(0), ...rest] = [...recorded, ...made];
const CORPUS: readonly [Buffer, ...Buffer[]] = [first, ...rest];

/** What the message is, or `undefined` where it is none. Any other error than ours is thrown on. */
const attempt = (bytes: Buffer): Decoded | undefined => {
  try {
    return decode(bytes, FDS);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
};

const isWhole = (bytes: Buffer): boolean => {
  try {
    return bytes.length >= 16 && messageSize(bytes, MAX_BYTES) === bytes.length;
  } catch {
    return false;
  }
};

/** A message that was read can be written, and is read the same. */
const survives = (message: Received): boolean => {
  const { bytes, fds } = encode(message);
  stampSerial(bytes, message.serial);
  const again = decode(Buffer.from(bytes), fds).message;
  if (!isDeepStrictEqual(again, message)) expect(again).toEqual(message);
  return true;
};

/** Cut anywhere, the framer gives the same message. */
const survivesCuts = (bytes: Buffer, random: Random): void => {
  const framer = new Framer(MAX_BYTES);
  let at = 0;
  while (at < bytes.length) {
    const next = at + 1 + random.below(bytes.length);
    if (framer.next() !== undefined) expect.fail('a message before its end');
    framer.push(bytes.subarray(at, next));
    at = next;
  }
  if (!framer.next()?.equals(bytes)) expect.fail('not the bytes that were pushed');
};

const check = (bytes: Buffer, random: Random): boolean => {
  const decoded = attempt(bytes);
  if (!isWhole(bytes)) return false;
  survivesCuts(bytes, random);
  return decoded?.message !== undefined && survives(decoded.message);
};

/** Do it for so many messages, or for the time that was given. */
const forMany = async (act: (batch: readonly Buffer[], random: Random) => void): Promise<void> => {
  const random = new Random(SEED);
  const end = performance.now() + SECONDS * 1000;
  for (let number = 0; SECONDS > 0 ? performance.now() < end : number < COUNT; number += BATCH) {
    act(
      Array.from({ length: BATCH }, () => mutated(CORPUS, random)),
      random,
    );
    await setImmediate();
  }
};

test('every message of the corpus is one', () => {
  for (const bytes of CORPUS) expect(check(bytes, new Random(1)), bytes.toString('hex')).toBe(true);
});

test(`what is read is a message or refused, whatever comes (seed ${SEED})`, { timeout: DAY_MS }, async () => {
  let total = 0;
  let messages = 0;
  await forMany((batch, random) => {
    for (const bytes of batch) {
      total++;
      try {
        if (check(Buffer.from(bytes), random)) messages++;
      } catch (error) {
        throw new Error(`seed ${SEED}, message ${total}: ${bytes.toString('hex')}`, { cause: error });
      }
    }
  });
  // A generator that makes only one kind shows nothing of the other.
  expect(messages).toBeGreaterThan(total / 50);
  expect(messages).toBeLessThan(total / 2);
});

describe('libdbus', () => {
  const { program, missing, dispose } = compileWithLibdbus('libdbus-verdict');
  afterAll(dispose);

  const verdicts = (batch: readonly Buffer[]): boolean[] => {
    const input = batch.flatMap((bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    });
    const { stdout, status } = spawnSync(program, { input: Buffer.concat(input), maxBuffer: 1 << 24 });
    expect(status).toBe(0);
    return [...stdout].map((byte) => byte === 0x31);
  };

  /**
   * Ours, where it can be compared: libdbus is asked about bytes alone, so descriptors are nothing to it; and we don't
   * look into what is of a type that is to come.
   */
  const verdict = (bytes: Buffer): boolean | undefined => {
    try {
      const { message, fdCount } = decode(bytes, FDS);
      return message === undefined || fdCount > 0 ? undefined : true;
    } catch (error) {
      return error instanceof ProtocolError && /descriptor/.test(error.message) ? undefined : false;
    }
  };

  /** libdbus knows a tenth field (the instance of a container), which the specification does not have yet. */
  const mayHaveTenthField = (bytes: Buffer): boolean => {
    for (let at = 16; at < bytes.length; at += 8) if (bytes[at] === 10) return true;
    return false;
  };

  test('takes and refuses the same messages', { timeout: DAY_MS }, async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    await forMany((batch) => {
      const whole = batch.filter(isWhole);
      const theirs = verdicts(whole);
      whole.forEach((bytes, index) => {
        const ours = verdict(Buffer.from(bytes));
        if (ours !== undefined && ours !== theirs[index] && !mayHaveTenthField(bytes)) {
          expect.fail(`libdbus ${theirs[index] ? 'takes' : 'refuses'} ${bytes.toString('hex')}`);
        }
      });
    });
  });
});
