import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Every row of docs/security.md names tests; each has to be there. */

const PROJECT = join(import.meta.dirname, '../../..');
const page = readFileSync(join(PROJECT, 'docs/security.md'), 'utf8');

const ROWS = [...page.matchAll(/^\| .* \| (`[a-z-]+`: .*) \|$/gm)].flatMap(([, tests = '']) => tests.split(/; (?=`)/));

const textOf = (name: string): string =>
  readdirSync(join(PROJECT, 'packages'))
    .map((dir) => join(PROJECT, 'packages', dir, 'test', `${name}.test.ts`))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('');

test('the page has rows', () => expect(ROWS.length).toBeGreaterThan(30));

test.each(ROWS)('%s', (row) => {
  const [, name = '', title = ''] = /^`([a-z-]+)`: (.*)$/.exec(row) ?? [];
  expect(textOf(name).replaceAll("\\'", "'")).toContain(title);
});
