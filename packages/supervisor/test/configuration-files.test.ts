import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfigurationFiles } from '../src/configuration-files.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maverick-conf-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Write files, by their paths below the root, and read the directories `high` and `low`. */
const read = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return readConfigurationFiles([join(root, 'high'), { kind: 'directory', path: join(root, 'low') }]);
};

test('a job knows its file, its override and the priority of its directory', () => {
  const { jobs, diagnostics } = read({
    'low/net/web.conf': 'description "low"\n',
    'high/net/web.override': 'description "changed"\n',
    'high/db.conf': 'task\n',
  });
  expect(diagnostics).toEqual([]);
  expect(jobs).toMatchObject([
    { name: 'db', path: join(root, 'high/db.conf'), priority: 0, definition: { task: true } },
    {
      name: 'net/web',
      path: join(root, 'low/net/web.conf'),
      overridePath: join(root, 'high/net/web.override'),
      priority: 1,
      definition: { description: 'changed' },
    },
  ]);
});

test('a file with errors has a diagnostic for each, with what was expected, and the others load', () => {
  const { jobs, diagnostics } = read({ 'high/bad.conf': '\nnonsense\nnice much\n', 'low/good.conf': 'task\n' });
  expect(jobs.map(({ name }) => name)).toEqual(['good']);
  expect(diagnostics).toMatchObject([
    { severity: 'error', path: join(root, 'high/bad.conf'), line: 2, column: 1, message: 'Unknown stanza' },
    { severity: 'error', line: 3, message: 'Illegal nice value, expected -20 to 19' },
  ]);
  expect(diagnostics[0]?.expected?.length).toBeGreaterThan(0);
});

test('of a file that is no job file at all, only the first errors are told, and how many more there are', () => {
  const { diagnostics } = read({ 'high/bad.conf': 'nonsense\n'.repeat(50) });
  expect(diagnostics).toHaveLength(21);
  expect(diagnostics.at(-1)).toEqual({
    severity: 'error',
    path: join(root, 'high/bad.conf'),
    message: '30 more errors',
  });
});

test('a directory that does not exist is no fault', () => {
  expect(read({ 'low/good.conf': 'task\n' }).diagnostics).toEqual([]);
});

test('what cannot be read is named with the reason', () => {
  const { diagnostics } = readConfigurationFiles([{ kind: 'directory', path: join(import.meta.filename) }]);
  expect(diagnostics).toEqual([
    { severity: 'error', path: import.meta.filename, message: 'Not a directory', code: 'ENOTDIR' },
  ]);
});
