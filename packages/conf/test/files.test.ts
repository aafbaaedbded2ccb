import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeConf, readConfDirectory, readConfEntry, readConfSources } from '../src/files.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maverick-conf-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const write = (path: string, text = 'exec x\n'): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const pathsOf = (dir = root): readonly string[] =>
  readConfDirectory(dir).source.files.map(({ path, kind }) => (kind === 'link' ? `${path}@` : path));

describe('a configuration directory', () => {
  test('has its files and those of its directories, sorted', () => {
    for (const path of [
      'b.conf',
      'a.conf',
      'a.override',
      'net/web.conf',
      'CVS/c.conf',
      '.git/d.conf',
      '.e.conf',
      'f.txt',
    ]) {
      write(path);
    }
    expect(pathsOf()).toEqual(['a.conf', 'a.override', 'b.conf', 'net/web.conf']);
  });

  test('has links to files, and links to directories by their own name', () => {
    write('real/b.conf');
    symlinkSync('real/b.conf', join(root, 'a.conf'));
    symlinkSync('real', join(root, 'link'));
    symlinkSync('real', join(root, 'link.conf'));
    expect(pathsOf()).toEqual(['a.conf@', 'link.conf/b.conf', 'real/b.conf']);
  });

  test('may hold links that lead back', () => {
    write('a.conf');
    symlinkSync('.', join(root, 'loop.conf'));
    expect(pathsOf()[0]).toBe('a.conf');
  });

  test('tells of a link that leads nowhere, and goes on', () => {
    write('b.conf');
    symlinkSync('nowhere', join(root, 'a.conf'));
    const { source, problems } = readConfDirectory(root);
    expect(source.files.map(({ path }) => path)).toEqual(['b.conf']);
    const path = join(root, 'a.conf');
    expect(problems).toEqual([{ path, code: 'ENOENT', message: `${path}: No such file or directory` }]);
  });

  test('may be missing', () => {
    expect(readConfDirectory(join(root, 'none'))).toEqual({
      source: { dir: join(root, 'none'), files: [] },
      problems: [],
    });
  });

  test('that is a file is a problem', () => {
    write('file');
    expect(readConfDirectory(join(root, 'file')).problems).toMatchObject([{ code: 'ENOTDIR' }]);
  });
});

test('all places are read in order, and a missing file is none', () => {
  write('init.conf', '# nothing\n');
  write('init/a.conf', 'exec a\n');
  const { sources, problems } = readConfSources([
    { kind: 'file', path: join(root, 'init.conf') },
    { kind: 'file', path: join(root, 'none.conf') },
    { kind: 'directory', path: join(root, 'init') },
  ]);
  expect(problems).toEqual([]);
  expect(sources).toEqual([
    { kind: 'file', dir: root, files: [{ path: 'init.conf', kind: 'file', text: '# nothing\n' }] },
    { kind: 'file', dir: root, files: [] },
    { dir: join(root, 'init'), files: [{ path: 'a.conf', kind: 'file', text: 'exec a\n' }] },
  ]);
});

test.each([
  { bytes: [0x65, 0xc3, 0xa9], text: 'eé', name: 'UTF-8' },
  { bytes: [0x65, 0xe9], text: 'eé', name: 'anything else byte by byte' },
  { bytes: [0xef, 0xbb, 0xbf, 0x65], text: '\ufeffe', name: 'a byte order mark as such' },
])('decodes $name', ({ bytes, text }) => {
  expect(decodeConf(Uint8Array.from(bytes))).toBe(text);
});

describe('one path below a configuration directory', () => {
  test.each([
    { path: '', files: ['a.conf', 'net/db.conf', 'net/web.conf'] },
    { path: 'a.conf', files: ['a.conf'] },
    { path: 'net', files: ['net/db.conf', 'net/web.conf'] },
    { path: 'net/web.conf', files: ['net/web.conf'] },
    { path: 'notes.txt', files: [] },
    { path: 'CVS', files: [] },
    { path: 'gone.conf', files: [] },
    { path: 'gone/web.conf', files: [] },
  ])('"$path" holds $files', ({ path, files }) => {
    for (const file of ['a.conf', 'net/web.conf', 'net/db.conf', 'notes.txt', 'CVS/c.conf']) write(file);
    const read = readConfEntry(root, path);
    expect(read.files.map((file) => file.path)).toEqual(files);
    expect(read.problems).toEqual([]);
  });

  test('tells of directories before it looks into them, and of links wherever they lead', () => {
    write('net/web.conf');
    symlinkSync('nowhere', join(root, 'a.conf'));
    symlinkSync('net', join(root, 'b.conf'));
    const met: string[] = [];
    readConfEntry(root, '', { onDirectory: (path) => met.push(`${path}/`), onLink: (path) => met.push(`${path}@`) });
    expect(met).toEqual(['/', 'a.conf@', 'b.conf@', 'b.conf/', 'net/']);
  });

  test('a directory that may not be looked at is a problem, not an exception', () => {
    symlinkSync('loop', join(root, 'loop'));
    expect(readConfEntry(join(root, 'loop'), '').problems).toMatchObject([{ code: 'ELOOP' }]);
  });
});
