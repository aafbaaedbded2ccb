import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSessionFile } from '../src/session-file.js';
import { tempDir } from './helpers/temp-dir.js';

test('the file tells the address, in directories that only the user can enter', () => {
  const XDG_RUNTIME_DIR = tempDir();
  const file = writeSessionFile({ XDG_RUNTIME_DIR }, 42, 'unix:abstract=/x');
  expect(file?.path).toBe(join(XDG_RUNTIME_DIR, 'upstart/sessions/42.session'));
  expect(readFileSync(file?.path ?? '', 'utf8')).toBe('UPSTART_SESSION=unix:abstract=/x\n');
  expect(statSync(join(XDG_RUNTIME_DIR, 'upstart/sessions')).mode & 0o777).toBe(0o700);
  file?.remove();
  expect(existsSync(file?.path ?? '')).toBe(false);
});

test.each([{ env: {} }, { env: { XDG_RUNTIME_DIR: 'relative' } }])('there is none for $env', ({ env }) => {
  expect(writeSessionFile(env, 42, 'unix:abstract=/x')).toBeUndefined();
});

test('a runtime directory that is missing is not made', () => {
  expect(() => writeSessionFile({ XDG_RUNTIME_DIR: join(tempDir(), 'none') }, 42, 'x')).toThrow('ENOENT');
});
