import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/^## ([^\n]*)\n[^#]*?```js\n(.*?)```\n\n```text\n(.*?)```/gms)].map(
  ([, title = '', code = '', output = '']) => ({ title, code, output }),
);

test('the README has an example of each kind', () => {
  expect(examples).toHaveLength(12);
});

test.each(examples)('the example "$title" prints what the README says', ({ code, output }) => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const node = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd, encoding: 'utf8' });
  expect(node).toMatchObject({ stdout: output, stderr: '' });
});
