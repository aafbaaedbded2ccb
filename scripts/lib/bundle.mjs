// The programs as one file each: Node reads a file that is bundled in a fifth of the time that its modules take.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { install, ROOT } from './setup.mjs';

/**
 * Keep the part of the heap where new objects are made as small as it begins: a daemon lives long and makes little garbage.
 * V8 would double it up to 16 MiB (and as much again to copy to) while jobs are loaded and started, and not give it back.
 */
const SMALL_YOUNG_HEAP = '--semi-space-growth-factor=1';

/** Keep what was compiled: V8 would drop the code that ran long ago, and then that of the start is missing in what is kept for the next one. */
const KEEP_COMPILED = '--no-flush-bytecode';

/** What scripts call again and again. */
const OFTEN = ['emit', 'list', 'start', 'status', 'stop', 'version'];

/** Where the compiled code of a command of `initctl` lies, below `packages`. */
const commandModule = (name) => `initctl/dist/commands/${name}.js`;

/**
 * Each program: its package, its entry in the package's `dist`, flags for V8, the `commands` that run often, and `often`: what
 * is imported dynamically for them. All else of that kind goes to a second file, which most runs never read; what is large and
 * hardly ever needed (`RARELY`) to a third.
 */
export const PROGRAMS = {
  upstart: {
    package: 'init',
    entry: 'main.js',
    flags: `${SMALL_YOUNG_HEAP} ${KEEP_COMPILED}`,
    commands: [],
    often: [],
  },
  'upstart-bridge': {
    package: 'bridges',
    entry: 'main.js',
    flags: `${SMALL_YOUNG_HEAP} ${KEEP_COMPILED}`,
    commands: [],
    often: [],
  },
  initctl: {
    package: 'initctl',
    entry: 'main.js',
    flags: '',
    commands: OFTEN,
    often: ['dbus/dist/client.js', 'spawner/dist/unix-sockets.js', ...OFTEN.map(commandModule)],
  },
};

/** Graphviz, a megabyte of WebAssembly: of use to one command, for one kind of answer. */
const RARELY = ['packages/graph/dist/graph-svg.js'];

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

/** How a program is cut into chunks: modules that are always loaded together are one. Names stay readable, for the stacks of errors. */
const bundleOptions = (entry) => ({
  entryPoints: [entry],
  bundle: true,
  splitting: true,
  metafile: true,
  write: false,
  outdir: dirname(entry),
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  charset: 'ascii',
  inject: [join(ROOT, 'scripts/lib/bundle-places.js')],
  plugins: [ownPlaces],
  legalComments: 'none',
  logLevel: 'warning',
});

/** CommonJS, which Node starts more quickly than modules: a chunk asks for another through the function it is given. */
const CHUNK_OPTIONS = {
  format: 'cjs',
  target: 'node20.19',
  charset: 'ascii',
  supported: { 'dynamic-import': false },
  legalComments: 'none',
};

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

/** What a chunk is known by: another one imports it as this. */
const chunkName = (output) => `./${basename(output)}`;

/** The chunks that are loaded whenever one of these is. */
const loadedWith = (outputs, names, found = new Set()) => {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const others = outputs[name].imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    loadedWith(
      outputs,
      others.map(({ path }) => path),
      found,
    );
  }
  return found;
};

/** The chunks as a table of functions. */
const chunkTable = async (transform, chunks) => {
  const functions = chunks.map(async ({ path, text }) => {
    const { code } = await transform(text, CHUNK_OPTIONS);
    return `${JSON.stringify(chunkName(path))}(require, module) {\n${code}}`;
  });
  return `{\n${(await Promise.all(functions)).join(',\n')}\n}`;
};

/** The first file: its chunks, and how a chunk gets others. What it is executed with is said in `bundle-loader.cjs`. @param rare names of chunks */
const firstText = (table, entry, rare) => `(function (require, bundle, __dirname) {
const chunks = ${table};
const loaded = new Map();
const rare = new Set(${JSON.stringify(rare)});
const parts = {};
const part = (name) => parts[name] ??= bundle.part(name)(bundle, __dirname);
const load = (name) => {
  if (!name.startsWith('./')) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    loaded.set(name, module);
    (chunks[name] ?? part(rare.has(name) ? 'rare' : 'more')[name])(load, module);
  }
  return module.exports;
};
load.resolve = require.resolve;
load(${JSON.stringify(entry)});
})`;

/** Another one, which the first asks for. */
const moreText = (table) => `(function (bundle, __dirname) {\nreturn ${table};\n})`;

/** Make `dist/NAME.bundle.js`, `dist/NAME.more.js` and `dist/NAME.rare.js`, and `dist/NAME.cjs`, which loads them. */
const bundleProgram = async (name) => {
  const { build, transform } = await loadBundler();
  const { package: owner, entry, flags, commands, often } = PROGRAMS[name];
  const dist = distOf(owner);
  const { outputFiles, metafile } = await build(bundleOptions(join(dist, entry)));
  const { outputs } = metafile;
  const wanted = [`${owner}/dist/${entry}`, ...often].map((module) => `packages/${module}`);
  const first = loadedWith(
    outputs,
    Object.keys(outputs).filter((output) => wanted.includes(outputs[output].entryPoint)),
  );
  const placeOf = (output) => {
    if (first.has(output)) return 'bundle';
    return RARELY.includes(outputs[output].entryPoint) ? 'rare' : 'more';
  };
  const of = (place) => outputFiles.filter(({ path }) => placeOf(relative(process.cwd(), path)) === place);
  const tableOf = (place) => chunkTable(transform, of(place));
  const texts = {
    bundle: firstText(
      await tableOf('bundle'),
      chunkName(entry),
      of('rare').map(({ path }) => chunkName(path)),
    ),
    more: moreText(await tableOf('more')),
    rare: moreText(await tableOf('rare')),
  };
  for (const [place, text] of Object.entries(texts)) write(join(dist, `${name}.${place}.js`), text);
  const hash = createHash('sha256');
  for (const text of Object.values(texts)) hash.update(text);
  const id = hash.digest('hex').slice(0, 16);
  const filled = { NAME: name, BUILD: id, FLAGS: flags, COMMANDS: commands.join(' ') };
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
