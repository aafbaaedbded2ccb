import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pathChain } from '../src/path-chain.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'maverick-chain-'));
  mkdirSync(join(root, 'etc/init'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
  symlinkSync('etc', join(root, 'relative'));
  symlinkSync(join(root, 'etc'), join(root, 'absolute'));
  symlinkSync('../etc/../relative/init', join(root, 'etc/winding'));
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('nowhere/deep', join(root, 'dangling'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The part of a chain below the temporary directory, as words. */
const wordsOf = (path: string): string[] =>
  pathChain(join(root, path))
    .filter((link) => link.path.startsWith(`${root}/`) || link.kind === 'missing')
    .map((link) => (link.kind === 'missing' ? `no ${join(link.path, link.name)}` : link.path).replace(`${root}/`, ''));

test.each([
  { path: 'etc/init', chain: ['etc', 'etc/init'] },
  { path: 'file', chain: ['file'] },
  { path: 'etc/new/dir', chain: ['etc', 'no etc/new'] },
  { path: 'file/below', chain: ['file', 'no file/below'] },
  { path: 'relative/init', chain: ['relative', 'etc', 'etc/init'] },
  { path: 'absolute/init', chain: ['absolute', 'etc', 'etc/init'] },
  { path: 'etc/winding', chain: ['etc', 'etc/winding', 'etc', 'relative', 'etc', 'etc/init'] },
  { path: 'dangling', chain: ['dangling', 'no nowhere'] },
])('the way to $path passes $chain', ({ path, chain }) => {
  expect(wordsOf(path)).toEqual(chain);
});

test('a link that leads to itself has an end', () => {
  expect(wordsOf('loop').length).toBeLessThan(50);
});
