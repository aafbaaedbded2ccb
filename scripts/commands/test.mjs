// `npm test`: the same set-up as `npm start`, then every test of every package.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, install, main, ROOT, StepFailed } from '../lib/setup.mjs';
import { installTestTools } from '../lib/test-tools.mjs';

await main((args) => {
  install();
  build();
  installTestTools();
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new StepFailed('the tests', status ?? 1);
});
