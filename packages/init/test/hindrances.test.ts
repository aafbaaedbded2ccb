import { closeSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hindrances } from '../src/hindrances.js';
import { tempDir } from './helpers/temp-dir.js';

const about = (path: string, passedOver?: number): string[] =>
  hindrances(passedOver).filter((sentence) => sentence.startsWith(path));

test('a file that is open for writing hinders, one for reading does not', () => {
  const path = join(tempDir(), 'file');
  const writing = openSync(path, 'a');
  const reading = openSync(path, 'r');
  expect(about(path)).toEqual([`${path} is held open for writing`]);
  expect(about(path, statSync(path).dev)).toEqual([]);
  closeSync(writing);
  expect(about(path)).toEqual([]);
  closeSync(reading);
});

test('a file that is deleted hinders, however it is held', () => {
  const path = join(tempDir(), 'file');
  writeFileSync(path, '');
  const fd = openSync(path, 'r');
  rmSync(path);
  expect(about(path)).toEqual([`${path} is deleted, but held open`]);
  closeSync(fd);
  expect(about(path)).toEqual([]);
});
