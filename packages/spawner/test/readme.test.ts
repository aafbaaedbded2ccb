import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { removeCgroup } from '../src/cgroup.js';
import { makeCgroup } from './helpers/cgroup.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/^## ([^\n]*)\n[^#]*?```js\n(.*?)```\n\n```text\n(.*?)```/gms)].map(
  ([, title = '', code = '', output = '']) => ({ title, code, output }),
);

/** Removes what it has made: the example makes its own. */
const canMakeCgroup = (): boolean => {
  const cgroup = makeCgroup();
  if (cgroup !== undefined) removeCgroup(cgroup);
  return cgroup !== undefined;
};

test('the README has an example of each kind', () => {
  expect(examples).toHaveLength(15);
});

test.for(examples)('the example "$title" prints what the README says', ({ code, output }, context) => {
  if (code.includes('cgroup2') && !canMakeCgroup()) return context.skip();
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const node = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd, encoding: 'utf8' });
  expect(node).toMatchObject({ stdout: output, stderr: '' });
});
