// `npm test`: the same set-up as `npm start`, then every test of every package.
import './lib/check-node.mjs';

const { spawnSync } = await import('node:child_process');
const { join } = await import('node:path');
const { build, install, main, ROOT, StepFailed } = await import('./lib/setup.mjs');
const { installTestTools } = await import('./lib/test-tools.mjs');

await main((args) => {
  install();
  build();
  installTestTools();
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new StepFailed('the tests', status ?? 1);
});
