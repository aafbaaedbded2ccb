// Completes package-lock.json after an `npm install`.
//
// npm leaves out of the lock file what the registry in use can't deliver, and a mirror often has no binaries for other
// platforms. `npm ci` then refuses the file, on every registry. This adds the missing entries; `--check` only looks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingOptional, platformOf } from './lib/lockfile.mjs';
import { main, ROOT, StepFailed } from './lib/setup.mjs';

const FILE = join(ROOT, 'package-lock.json');

await main(([option]) => {
  const lock = JSON.parse(readFileSync(FILE, 'utf8'));
  const missing = missingOptional(lock.packages);
  for (const { name, range } of missing) console.log(`${name}@${range} is not in the lock file`);
  if (missing.length === 0) return;
  if (option === '--check') throw new StepFailed('the lock file', 1);
  for (const { name, range } of missing) {
    lock.packages[`node_modules/${name}`] = { version: range, ...platformOf(name), dev: true, optional: true };
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
});
