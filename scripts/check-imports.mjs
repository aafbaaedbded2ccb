// Holds every source file against the architecture: the arrows between packages, and the purity of `conf` and `engine`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ARROWS, faultsIn } from './lib/architecture.mjs';
import { ROOT } from './lib/setup.mjs';

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

let files = 0;
const faults = readdirSync(join(ROOT, 'packages')).flatMap((name) => {
  if (!(name in ARROWS)) return [`packages/${name}: not in the table of packages (scripts/lib/architecture.mjs)`];
  const folder = join(ROOT, 'packages', name, 'src');
  return sources(folder).flatMap((path) => {
    files++;
    return faultsIn(name, relative(folder, path), readFileSync(path, 'utf8')).map(
      (fault) => `${relative(ROOT, path)}: ${fault}`,
    );
  });
});

for (const fault of faults) console.error(fault);
console.log(`${files} source files, ${faults.length} imports against the architecture`);
process.exitCode = faults.length === 0 ? 0 : 1;
