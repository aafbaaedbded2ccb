// What `npm install` runs: takes the prebuilt binaries if they work on this machine, else compiles native/.
// In a clone of the repository the build does that in its turn.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Not in a clone: its native/ has no copy of Node's headers, and its dist/ may not be there yet. */
const isPublished = existsSync(join(root, 'native', 'include'));

/** Loads the package as its users will, in a Node of its own: a binary that doesn't fit may crash it. */
const works = () => {
  const code = "import { errnoMessage } from '@maverick/spawner'; if (errnoMessage(2) === '') process.exit(1);";
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, stdio: 'ignore' }).status === 0;
};

const compile = () => {
  console.error('@maverick/spawner: no prebuilt binary fits this machine; compiling …');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build-native.mjs')], { stdio: 'inherit' });
  return status ?? 1;
};

if (process.platform !== 'linux') {
  console.error('@maverick/spawner works on Linux only.');
  process.exitCode = 1;
} else if (isPublished && !works()) process.exitCode = compile();
