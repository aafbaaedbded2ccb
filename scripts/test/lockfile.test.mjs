import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missingOptional, platformOf } from '../lib/lockfile.mjs';

describe('the platform in a name', () => {
  test.each([
    ['@biomejs/cli-linux-x64-musl', { cpu: ['x64'], libc: ['musl'], os: ['linux'] }],
    ['@biomejs/cli-darwin-arm64', { cpu: ['arm64'], os: ['darwin'] }],
    ['@x/binding-linux-arm-gnueabihf', { cpu: ['arm'], libc: ['glibc'], os: ['linux'] }],
    ['@x/binding-win32-arm64-msvc', { cpu: ['arm64'], os: ['win32'] }],
  ])('%s', (name, platform) => expect(platformOf(name)).toEqual(platform));
});

test('an optional package that nobody locked is missing', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-darwin-x64': '1.0.0' } },
    'node_modules/a-linux-x64': {},
  };
  expect(missingOptional(packages)).toEqual([{ name: 'a-darwin-x64', range: '1.0.0' }]);
});

test('our lock file is complete', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  expect(missingOptional(lock.packages)).toEqual([]);
});
