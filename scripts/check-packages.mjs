// What keeps the packages publishable: no unused file, export or dependency, and `exports` that resolve for everybody.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/setup.mjs';

const tool = (name) => join(ROOT, 'node_modules', '.bin', name);
const check = (label, program, args, cwd = ROOT) => {
  const { status, stdout, stderr } = spawnSync(tool(program), args, { cwd, encoding: 'utf8' });
  if (status === 0) return true;
  console.error(`${label}:\n${stdout}${stderr}`);
  return false;
};

const results = [check('knip', 'knip', ['--no-progress'])];
for (const name of readdirSync(join(ROOT, 'packages'))) {
  const folder = join(ROOT, 'packages', name);
  results.push(check(`publint ${name}`, 'publint', ['--strict'], folder));
  results.push(check(`attw ${name}`, 'attw', ['--pack', '.', '--profile', 'esm-only', '--no-color'], folder));
}
const failed = results.filter((passed) => !passed).length;
console.log(`${results.length - failed} package checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
