import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** A program, and what it prints. */
const EXAMPLE = /```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g;

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(EXAMPLE)].map(([, code = '', output = '']) => ({
  code,
  output,
  title:
    readme
      .slice(0, readme.indexOf(code))
      .match(/## (.*)\n/g)
      ?.at(-1)
      ?.trim() ?? 'README',
}));

test('the README has examples', () => expect(examples.length).toBeGreaterThan(3));

test.each(examples)('$title: the example prints what it says', async ({ code, output }) => {
  const cwd = new URL('..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { cwd });
  expect(stdout).toBe(output);
});
