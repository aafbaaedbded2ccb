// `npm run test:lts`: every test again on the newest LTS release line of Node.js, whose binary is an npm package.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { main, ROOT, StepFailed } from '../lib/setup.mjs';

const LTS = '26.10.0';

/** The binary of the LTS, fetched once. */
const ltsNode = () => {
  const folder = join(ROOT, 'node_modules', '.cache', 'maverick', `node-${LTS}`);
  const name = `node-linux-${process.arch}`;
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  console.error(`Fetching Node.js ${LTS} …`);
  mkdirSync(folder, { recursive: true });
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `${name}@${LTS}`,
  ];
  if (spawnSync('npm', args, { stdio: 'inherit' }).status !== 0) throw new StepFailed('fetching Node.js', 1);
  return binary;
};

await main((args) => {
  const node = ltsNode();
  const test = join(ROOT, 'scripts', 'test.mjs');
  // npm_execpath would be npm's for the other Node; the set-up is done already.
  const { status } = spawnSync(node, [test, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new StepFailed('the tests on the LTS', status ?? 1);
});
