// `npm run test:lts`: every test again on the newest LTS release line of Node.js, whose binary is an npm package.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ltsNode } from '../lib/lts-node.mjs';
import { main, ROOT, StepFailed } from '../lib/setup.mjs';

await main((args) => {
  const node = ltsNode();
  const test = join(ROOT, 'scripts', 'test.mjs');
  // npm_execpath would be npm's for the other Node; the set-up is done already.
  const { status } = spawnSync(node, [test, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new StepFailed('the tests on the LTS', status ?? 1);
});
