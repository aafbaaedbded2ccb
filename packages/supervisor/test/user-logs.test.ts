import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findUserLog, userLog } from '../src/user-logs.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-user-logs-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const NOW = Date.now();
const path = (name: string): string => join(dir, name);
const put = (name: string, hoursAgo = 0): void => {
  writeFileSync(path(name), '');
  utimesSync(path(name), new Date(), new Date(NOW - hoursAgo * 3_600_000));
};
const fill = (): void => {
  for (let index = 0; index < 100; index += 1) put(`web-${index}.log`, 20);
};

test('so many logs a user has, what is put away does not count; more output goes to one of all others', () => {
  fill();
  put('web-1.log.1');
  expect(userLog(path('web-7.log'), NOW)).toBe(path('web-7.log'));
  expect(userLog(path('web-100.log'), NOW)).toBe(path('others.log'));
  put('others.log');
  expect(userLog(path('other-job.log'), NOW)).toBe(path('others.log'));
  rmSync(path('web-3.log'));
  expect(userLog(path('web-100.log'), NOW)).toBe(path('web-100.log'));
});

test('what has not been written to for a day makes room, with what was put away of it', () => {
  fill();
  for (const name of ['web-4.log', 'web-4.log.1', 'web-4.log.2', 'web-4.log.backup']) put(name, 30);
  put('web-5.log', 25);
  expect(userLog(path('web-100.log'), NOW)).toBe(path('web-100.log'));
  expect(readdirSync(dir).filter((name) => /^web-[45]\.log/.test(name))).toEqual(['web-4.log.backup', 'web-5.log']);
});

test('output is looked for where it is', () => {
  expect(findUserLog(path('web.log'))).toBe(path('web.log'));
  put('others.log');
  expect(findUserLog(path('web.log'))).toBe(path('others.log'));
  put('web.log');
  expect(findUserLog(path('web.log'))).toBe(path('web.log'));
});

test('a directory that is not there is told of by who writes there', () => {
  expect(userLog(path('no/web.log'), NOW)).toBe(path('no/web.log'));
});
