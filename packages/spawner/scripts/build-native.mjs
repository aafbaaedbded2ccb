// Compiles native/ with nothing but a C compiler: `npm run build:native [-- --force] [--out DIR] [--debug] [--sanitize]`.
// Each row of TARGETS is one file in build/. A target is left alone when no source is newer than it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-O2', '-pthread', '-Wall', '-Wextra', '-Werror'];

/**
 * What is built: the file, the folders of native/ whose sources it is made of, and options of its own. `wished` is left
 * out where the compiler can't do it: a static program has less memory of its own, but not every libc comes as one.
 */
const TARGETS = [
  { file: 'maverick.node', folders: ['addon', 'shared'], flags: ['-fPIC', '-shared'] },
  { file: 'spawn-helper', folders: ['spawn-helper', 'shared'], flags: [], libraries: ['-ldl'] },
  { file: 'log-process', folders: ['log-process'], flags: [], wished: ['-static'] },
];

/** Memory errors, leaks and undefined behaviour are told at run time: for check-native.mjs. */
const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer', '-g'];

const { values: options } = parseArgs({
  options: {
    // For valgrind: with the names of lines, and no static program, into whose memory it can't look.
    debug: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    out: { type: 'string', default: 'build' },
    sanitize: { type: 'boolean', default: false },
  },
});

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const shared = join(native, 'shared');

const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Paths of a target's files with one of these endings. */
const filesOf = (target, ...endings) =>
  target.folders
    .map((folder) => join(native, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)));

const isUpToDate = (target, output) => {
  const inputs = [fileURLToPath(import.meta.url), ...filesOf(target, '.c', '.h', '.def')];
  return modifiedMs(output) > Math.max(...inputs.map(modifiedMs));
};

/** Compiler commands in the order in which they are tried; `$CC` may carry options (`ccache gcc`). */
const compilers = () => {
  const chosen = (process.env.CC ?? '').split(/\s+/).filter((word) => word !== '');
  return [chosen, ['cc'], ['gcc'], ['clang']].filter((command) => command.length > 0);
};

/** Exit status of the first compiler that exists; undefined when there is none. */
const compile = (args, stdio = 'inherit') => {
  for (const [command, ...options] of compilers()) {
    const { error, status } = spawnSync(command, [...options, ...args], { stdio });
    if (error === undefined) return status ?? 1;
    if (error.code !== 'ENOENT') throw error;
  }
  return undefined;
};

/** Where node_api.h is: the published package has a copy of its own, see prepack.mjs. */
const headersFolder = () => {
  const own = join(native, 'include');
  return existsSync(own) ? own : createRequire(import.meta.url)('node-api-headers').include_dir;
};

/** Instruments need libraries that they can take the place of, which no static program has. */
const variantOf = (target) => {
  if (!options.debug && !options.sanitize) return target;
  const more = options.sanitize ? SANITIZE : ['-g'];
  return { ...target, wished: undefined, flags: [...target.flags, ...more] };
};

/** 0, or the exit status for the program. */
const build = (row) => {
  const target = variantOf(row);
  const output = join(resolve(root, options.out), target.file);
  if (!options.force && isUpToDate(target, output)) return 0;
  const headers = headersFolder();
  const temporary = `${output}.${process.pid}`;
  const includes = ['-I', headers, '-I', shared];
  mkdirSync(dirname(output), { recursive: true });
  const sources = filesOf(target, '.c');
  const args = [...FLAGS, ...target.flags, ...includes, '-o', temporary, ...sources, ...(target.libraries ?? [])];
  const asWished = target.wished !== undefined && compile([...target.wished, ...args], 'ignore') === 0;
  const status = asWished ? 0 : compile(args);
  if (status === undefined) {
    console.error('Maverick needs a C compiler: install gcc or clang, or set CC to the one to use.');
    return 1;
  }
  if (status === 0) renameSync(temporary, output);
  else rmSync(temporary, { force: true });
  return status;
};

/** A program whose folder isn't there yet has nothing to be made of. */
const hasSources = (target) => existsSync(join(native, target.folders[0]));

/** What fails for one target fails for the next, too: once is enough to be told. */
for (const target of TARGETS.filter(hasSources)) {
  process.exitCode = build(target);
  if (process.exitCode !== 0) break;
}
