// Compiles native/*.c to build/maverick.node with nothing but a C compiler: `npm run build:native [-- --force]`.
// Does nothing when no source is newer than the result.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-O2', '-fPIC', '-shared', '-pthread', '-Wall', '-Wextra', '-Werror'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const output = join(root, 'build', 'maverick.node');

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const isUpToDate = () => {
  const inputs = [fileURLToPath(import.meta.url), ...readdirSync(native).map((name) => join(native, name))];
  return modifiedMs(output) > Math.max(...inputs.map(modifiedMs));
};

/** Compiler commands in the order in which they are tried; `$CC` may carry options (`ccache gcc`). */
const compilers = () => {
  const chosen = (process.env.CC ?? '').split(/\s+/).filter((word) => word !== '');
  return [chosen, ['cc'], ['gcc'], ['clang']].filter((command) => command.length > 0);
};

/** Exit status of the first compiler that exists; undefined when there is none. */
const compile = (args) => {
  for (const [command, ...options] of compilers()) {
    const { error, status } = spawnSync(command, [...options, ...args], { stdio: 'inherit' });
    if (error === undefined) return status ?? 1;
    if (error.code !== 'ENOENT') throw error;
  }
  return undefined;
};

const build = () => {
  const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
  const sources = readdirSync(native).filter((name) => name.endsWith('.c'));
  const temporary = `${output}.${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  const status = compile([...FLAGS, '-I', headers, '-o', temporary, ...sources.map((name) => join(native, name))]);
  if (status === undefined) {
    console.error('Maverick needs a C compiler: install gcc or clang, or set CC to the one to use.');
    return 1;
  }
  if (status === 0) renameSync(temporary, output);
  else rmSync(temporary, { force: true });
  return status;
};

process.exitCode = !process.argv.includes('--force') && isUpToDate() ? 0 : build();
