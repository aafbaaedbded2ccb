import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The code that is marked to be run, and the text below it. */
const EXAMPLE = /<!-- example: run -->\n```js\n(.*?)```.*?```text\n(.*?)```/gs;

const examples = [...read('packages/supervisor/README.md').matchAll(EXAMPLE)];

test.each(examples)('an example of the package prints what its README says', async (...[, code = '', output = '']) => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });
  expect(stdout).toBe(output);
});

test('examples/embed prints what its README says', async () => {
  const [, output = ''] =
    /\$ node examples\/embed\/main\.mjs\n((?: {4}.*\n)+)/.exec(read('examples/embed/README.md')) ?? [];
  const { stdout, stderr } = await run(process.execPath, ['examples/embed/main.mjs'], { cwd: ROOT });
  expect(stderr).toBe('');
  expect(stdout).toBe(output.replace(/^ {4}/gm, ''));
});
