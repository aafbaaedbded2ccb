// The programs as one file each: Node reads a file that is bundled in a fifth of the time that its modules take.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, ROOT } from './setup.mjs';

/**
 * Keep the part of the heap where new objects are made as small as it begins: a daemon lives long and makes little garbage.
 * V8 would double it up to 16 MiB (and as much again to copy to) while jobs are loaded and started, and not give it back.
 */
const SMALL_YOUNG_HEAP = '--semi-space-growth-factor=1';

/** Each program: its package, its entry in the package's `dist`, and flags for V8. */
export const PROGRAMS = {
  upstart: { package: 'init', entry: 'main.js', flags: SMALL_YOUNG_HEAP },
  initctl: { package: 'initctl', entry: 'main.js', flags: '' },
};

const LOADER = join(ROOT, 'scripts/lib/bundle-loader.cjs');

const distOf = (name) => join(ROOT, 'packages', name, 'dist');

/** In a bundle every module has the bundle's place: those that look for files beside themselves get their own again. */
const ownPlaces = {
  name: 'own-places',
  setup: (build) => {
    build.onLoad({ filter: /\/packages\/[^/]+\/dist\/[^/]+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const [, name] = /\/packages\/([^/]+)\/dist\//.exec(path);
      const contents = text
        .replaceAll('import.meta.url', `bundledUrl('${name}')`)
        .replaceAll('import.meta.dirname', `bundledDirname('${name}')`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * How a program is bundled: CommonJS, which Node starts more quickly than modules. What is imported dynamically is in the
 * same file, and is executed when it is asked for. Names and lines stay readable, for the stacks of errors.
 */
const bundleOptions = (entry) => ({
  entryPoints: [entry],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  charset: 'ascii',
  inject: [join(ROOT, 'scripts/lib/bundle-places.js')],
  plugins: [ownPlaces],
  // What the loader executes is a function: the text is taken as it is read.
  banner: { js: '(function (require, module, __dirname) {' },
  footer: { js: '})' },
  legalComments: 'none',
  logLevel: 'warning',
});

/** The file is there whole or not at all: others may start the program meanwhile. */
const write = (file, content) => {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
};

/** esbuild, as the lock file wants it: a build after a change of branch may come before the next installation. */
const loadBundler = async () => {
  try {
    return await import('esbuild');
  } catch {
    install();
    return import('esbuild');
  }
};

/** Make `dist/NAME.bundle.js`, and `dist/NAME.cjs`, which loads it. */
const bundleProgram = async (name) => {
  const { build } = await loadBundler();
  const dist = distOf(PROGRAMS[name].package);
  const [{ contents }] = (await build(bundleOptions(join(dist, PROGRAMS[name].entry)))).outputFiles;
  write(join(dist, `${name}.bundle.js`), contents);
  const id = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const filled = { NAME: name, BUILD: id, FLAGS: PROGRAMS[name].flags };
  const loader = readFileSync(LOADER, 'utf8').replace(/@([A-Z]+)@/g, (_, key) => filled[key]);
  write(join(dist, `${name}.cjs`), loader);
};

/** When anything that a bundle is made of was changed last. */
const newestSource = () => {
  const compiled = readdirSync(join(ROOT, 'packages')).map((name) => join(distOf(name), '.tsbuildinfo'));
  const own = ['bundle.mjs', 'bundle-places.js', 'bundle-loader.cjs'].map((name) => join(ROOT, 'scripts/lib', name));
  return Math.max(...[...compiled, ...own].filter(existsSync).map((file) => statSync(file).mtimeMs));
};

/** Bundle each program that is not as fresh as what it is made of. Throws where something can't be bundled. */
export const bundlePrograms = async () => {
  const since = newestSource();
  for (const [name, { package: owner, entry }] of Object.entries(PROGRAMS)) {
    const dist = distOf(owner);
    const result = join(dist, `${name}.cjs`);
    const fresh = existsSync(result) && statSync(result).mtimeMs >= since;
    if (!fresh && existsSync(join(dist, entry))) await bundleProgram(name);
  }
};
