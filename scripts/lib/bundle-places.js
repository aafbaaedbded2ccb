// Part of every bundle: where the packages lie whose files it needs at run time (the addon, a package.json).
// `scripts/lib/bundle.mjs` puts these two in the place of `import.meta.url` and `import.meta.dirname`.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The loader says where a bundle lies: among the packages, in the `dist` of its own. */
const packages = join(__dirname, '..', '..');

const folderOf = (name) => {
  const beside = join(packages, name);
  if (existsSync(beside)) return beside;
  if (!require.resolve) throw new Error(`${beside} is not there: the folder lib belongs beside the program`);
  // A package manager may have put them elsewhere, and knows where.
  return dirname(require.resolve(`@maverick/${name}/package.json`));
};

/** The folder of a package's compiled modules. */
export const bundledDirname = (name) => {
  // The addon is wanted: this is no run for a help text, and what it has compiled is worth keeping.
  if (name === 'spawner') bundle.works = true;
  return join(folderOf(name), 'dist');
};

/** A URL in that folder. */
export const bundledUrl = (name) => pathToFileURL(join(bundledDirname(name), 'bundled.js')).href;
