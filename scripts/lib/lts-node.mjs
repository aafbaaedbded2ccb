import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, StepFailed } from './setup.mjs';

/** The newest LTS release line of Node.js. */
const LTS = '26.10.0';

/** The binary of the LTS, which is an npm package: fetched once. */
export const ltsNode = () => {
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
