import { closeSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInside } from '../src/inside.js';
import { native } from '../src/native.js';
import { checked } from '../src/system-error.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-inside-'));
  for (const path of ['root/inner/etc', 'root/etc', 'outside']) mkdirSync(join(folder, path), { recursive: true });
  for (const path of ['root/inner/etc/file', 'root/etc/file', 'outside/file']) writeFileSync(join(folder, path), path);
  symlinkSync('/etc/file', join(folder, 'root/absolute'));
  symlinkSync('../../../../outside/file', join(folder, 'root/relative'));
  symlinkSync(join(folder, 'outside'), join(folder, 'root/away'));
  symlinkSync('root', join(folder, 'link'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Which file was opened, or the code of the error. */
const found = (open: () => number): string => {
  try {
    const fd = open();
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    closeSync(fd);
    return path.replace(`${folder}/`, '');
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const ROWS = [
  { what: 'a file', roots: ['root'], path: '/etc/file', is: 'root/etc/file', walking: 'root/etc/file' },
  {
    what: 'a path without a slash',
    roots: ['root'],
    path: 'etc//./file',
    is: 'root/etc/file',
    walking: 'root/etc/file',
  },
  { what: 'the root itself', roots: ['root'], path: '/', is: 'root', walking: 'root' },
  {
    what: 'a root in a root',
    roots: ['root', '/inner'],
    path: '/etc/file',
    is: 'root/inner/etc/file',
    walking: 'root/inner/etc/file',
  },
  { what: 'a root behind a link', roots: ['link'], path: '/etc/file', is: 'root/etc/file', walking: 'root/etc/file' },
  {
    what: 'a link, which begins at the root',
    roots: ['root'],
    path: '/absolute',
    is: 'root/etc/file',
    walking: 'ELOOP',
  },
  { what: 'a link that leads up', roots: ['root'], path: '/relative', is: 'ENOENT', walking: 'ELOOP' },
  { what: 'a directory that leads away', roots: ['root'], path: '/away/file', is: 'ENOENT', walking: 'ENOTDIR' },
  { what: '..', roots: ['root'], path: '/../outside/file', is: 'ENOENT', walking: 'EXDEV' },
  { what: 'what is not there', roots: ['root'], path: '/none', is: 'ENOENT', walking: 'ENOENT' },
  { what: 'a root that is not there', roots: ['none'], path: '/', is: 'ENOENT', walking: 'ENOENT' },
  { what: 'a root that is no directory', roots: ['root', '/etc/file'], path: '/', is: 'ENOTDIR', walking: 'ENOTDIR' },
  { what: 'a path too long', roots: ['root'], path: 'x'.repeat(5000), is: 'ENAMETOOLONG', walking: 'ENAMETOOLONG' },
];

describe('inside a root', () => {
  const paths = ([first = '', ...rest]: readonly string[]) => [join(folder, first), ...rest];

  test.each(ROWS)('$what is $is', ({ roots, path, is }) => {
    expect(found(() => openInside(paths(roots), path))).toBe(is);
  });

  test.each(ROWS)('$what is $walking to a kernel without openat2', ({ roots, path, walking }) => {
    expect(found(() => checked(native.openInRoots(paths(roots), path, true), 'openat'))).toBe(walking);
  });
});

test('without a root it is the daemon’s own', () => {
  expect(found(() => openInside([], '/etc/passwd'))).toBe('/etc/passwd');
});
