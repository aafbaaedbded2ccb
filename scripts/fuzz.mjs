// `npm run fuzz -- [SECONDS]`: messages with something wrong in them, to the D-Bus unmarshaller, for so long (default 60).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { refuse } from './lib/arguments.mjs';
import { ROOT } from './lib/setup.mjs';

const [seconds = '60', ...rest] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(seconds) || rest.length > 0) refuse('usage: npm run fuzz -- [SECONDS]');
const seed = String(Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', '@maverick/dbus', 'test/fuzz'], {
  cwd: ROOT,
  stdio: 'inherit',
  // Half of the time for each of the two promises.
  env: { FUZZ_SEED: seed, ...process.env, FUZZ_SECONDS: String(Math.ceil(Number(seconds) / 2)) },
});
process.exitCode = status ?? 1;
