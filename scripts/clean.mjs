import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/setup.mjs';

/** What a build makes in a package. */
const OUTPUT = ['dist', 'build', 'src/generated'];

for (const name of readdirSync(join(ROOT, 'packages'))) {
  for (const folder of OUTPUT) rmSync(join(ROOT, 'packages', name, folder), { recursive: true, force: true });
}
rmSync(join(ROOT, 'node_modules/.cache/maverick'), { recursive: true, force: true });
