import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  ADD_SIZE,
  decodeEntry,
  decodeNotice,
  encodeEntry,
  encodeRequest,
  LOG_MESSAGE_MAX,
  LOG_PROTOCOL,
  MESSAGE_SIZE,
  NOTICES,
  REQUESTS,
} from '../src/log-protocol.js';

const PROGRAM = fileURLToPath(new URL('../build/log-process', import.meta.url));

test('both sides have the same numbers and layouts', () => {
  const left = 64 + NOTICES.indexOf('left');
  const tray = 64 + NOTICES.indexOf('tray');
  expect(spawnSync(PROGRAM, ['--protocol'], { encoding: 'utf8' }).stdout).toBe(
    `protocol ${LOG_PROTOCOL} message ${MESSAGE_SIZE} add ${ADD_SIZE} max ${LOG_MESSAGE_MAX} ` +
      `left ${left} tray is ${tray} tray ${REQUESTS.tray}\n`,
  );
});

test.each([
  { settings: { path: '/a' }, pid: 1, firstSource: 0 },
  { settings: { path: '/ä/€', root: '/srv', job: 'web (1)', format: 'json' as const }, pid: 2 ** 31, firstSource: 1 },
  { settings: { path: '/a', rotate: { bytes: 2 ** 40, keep: 7 } }, pid: 0, firstSource: 0 },
])('what was encoded is decoded again: $settings.path', (entry) => {
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
});

test('a message that makes no sense is none', () => {
  expect(decodeNotice(Buffer.alloc(15))).toBeUndefined();
  expect(decodeNotice(encodeRequest('add'))).toBeUndefined();
});

test('called by hand it says what it is', () => {
  const { status, stderr } = spawnSync(PROGRAM, [], { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: log-process') });
});
