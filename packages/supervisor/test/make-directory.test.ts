import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeDirectory } from '../src/make-directory.js';

const tempDir = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'maverick-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

test('what is missing on the way is made, too, with the same mode', () => {
  const root = tempDir();
  makeDirectory(join(root, 'a/b/c'), 0o700);
  for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(root, path)).mode & 0o777).toBe(0o700);
  expect(() => makeDirectory(join(root, 'a/b'), 0o700)).not.toThrow();
});

test('where nobody can create anything it says so, and does not try for ever', () => {
  expect(() => makeDirectory('/proc/no/such', 0o700)).toThrow(/ENOENT|EACCES/);
  const root = tempDir();
  writeFileSync(join(root, 'file'), '');
  expect(() => makeDirectory(join(root, 'file/below'), 0o700)).toThrow(/ENOTDIR/);
});
