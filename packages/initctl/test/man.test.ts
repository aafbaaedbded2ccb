import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/command-table.js';
import { PROGRAMS } from '../src/program-table.js';

const PACKAGES = join(import.meta.dirname, '../..');
const pagesOf = (name: string): string[] =>
  readdirSync(join(PACKAGES, name, 'man')).map((file) => join(PACKAGES, name, 'man', file));
const PAGES = [...pagesOf('initctl'), ...pagesOf('init')];
const BRIDGE_PAGES = pagesOf('bridges');

const man = (path: string) =>
  spawnSync('man', ['--warnings', '-l', path], {
    env: { ...process.env, MANWIDTH: '100', MANPAGER: 'cat', LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
  });

const hasMan = spawnSync('man', ['--version']).status === 0;

test('there is a page for every program', () => {
  const names = PAGES.map((path) => path.replace(/^.*\//, ''));
  const programs = ['initctl', 'start', 'stop', 'restart', 'reload', 'status', ...Object.keys(PROGRAMS), 'upstart'];
  expect(names.toSorted()).toEqual([...programs.map((name) => `${name}.8`), 'init.5'].toSorted());
});

test('there is a page for every bridge', () => {
  const programs = readdirSync(join(PACKAGES, 'bridges/bin')).filter((file) => /^upstart-.*-bridge\.js$/.test(file));
  expect(BRIDGE_PAGES.map((path) => basename(path, '.8')).toSorted()).toEqual(
    programs.map((file) => basename(file, '.js')).toSorted(),
  );
});

test.for([...PAGES, ...BRIDGE_PAGES])('%s is read without a warning', (path, { skip }) => {
  if (!hasMan) skip('there is no man(1)');
  const { status, stderr, stdout } = man(path);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^NAME\n/m);
  expect(stdout).toMatch(/^(SYNOPSIS|Stanzas)\n/m);
});

test('initctl(8) has every command with its options', ({ skip }) => {
  if (!hasMan) skip('there is no man(1)');
  const text = man(join(PACKAGES, 'initctl/man/initctl.8')).stdout;
  for (const [name, row] of Object.entries(COMMANDS)) {
    expect(text).toMatch(new RegExp(`^ +initctl ${name}$`, 'm'));
    for (const { long, help } of row.options) if (help !== undefined) expect(text).toContain(`--${long}`);
  }
});
