import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A step failed and has already told why: nothing is to be added to its own words. */
export class StepFailed extends Error {
  constructor(step, status) {
    super(`${step} failed`);
    this.status = status;
  }
}

/** Run a program in the repository; its output is the user's, a failure ends the set-up. */
const run = (step, program, args, options = {}) => {
  const result = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) throw new Error(`${step}: cannot run ${program}: ${result.error.message}`);
  if (result.status !== 0) throw new StepFailed(step, result.status ?? 1);
};

/** npm's own program, run by this Node: the `npm` on PATH may belong to another. */
const npm = (step, args) => {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) run(step, process.execPath, [cli, ...args]);
  else run(step, 'npm', args);
};

/** Every file below a folder of the repository, build output and dependencies left out. */
const filesBelow = (folder) =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return ['node_modules', 'dist', 'build', 'generated', 'test'].includes(entry.name) ? [] : filesBelow(path);
  });

/** What the build depends on, as one value that changes when any of it does. */
const sourcesFingerprint = () => {
  const hash = createHash('sha256');
  const bundler = ['bundle.mjs', 'bundle-loader.cjs', 'bundle-places.js'].map((name) => `scripts/lib/${name}`);
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', ...bundler, ...filesBelow('packages')];
  for (const file of files.sort()) {
    const { mtimeMs, size } = statSync(join(ROOT, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\0`);
  }
  return hash.digest('hex');
};

const read = (file) => (existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '');
const write = (file, text) => {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true });
  writeFileSync(join(ROOT, file), text);
};

const INSTALL_STAMP = 'node_modules/.cache/maverick/installed';
const BUILD_STAMP = 'node_modules/.cache/maverick/built';

/** `npm ci`, unless what is installed is what the lock file says. */
export const install = () => {
  const wanted = createHash('sha256').update(read('package-lock.json')).digest('hex');
  if (read(INSTALL_STAMP) === wanted) return;
  console.error('Installing the dependencies (npm ci) …');
  npm('npm ci', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  write(INSTALL_STAMP, wanted);
};

const tool = (name) => join(ROOT, 'node_modules', '.bin', name);

/** The steps of a build, in order. */
const STEPS = [
  ['the native addon', process.execPath, ['packages/spawner/scripts/build-native.mjs']],
  ['the grammar', process.execPath, ['packages/conf/scripts/generate.mjs']],
  ['TypeScript', tool('tsc'), ['-b']],
  ['the programs', process.execPath, ['scripts/bundle.mjs']],
];

/** Build everything that changed. */
export const build = () => {
  if (read(BUILD_STAMP) === sourcesFingerprint() && existsSync(join(ROOT, 'packages/init/dist/upstart.cjs'))) return;
  for (const [name, program, args] of STEPS) {
    console.error(`Building ${name} …`);
    run(`building ${name}`, program, args);
  }
  write(BUILD_STAMP, sourcesFingerprint());
};

/** Run a script's main function: a failed step ends with its status and without a stack. */
export const main = async (body) => {
  try {
    await body(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof StepFailed)) console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof StepFailed ? error.status : 1;
  }
};
