// What the standalone executable begins with. It is both programs, as its name says: `upstart` (or `init`), else `initctl`
// under one of its names. Everything that is not JavaScript lies in the folder `lib` beside the executable.
const { realpathSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const name = ['init', 'upstart'].includes(basename(process.argv0)) ? 'upstart' : 'initctl';
const { flags } = JSON.parse(Buffer.from(getRawAsset(`${name}.json`)).toString());
// Before V8 is asked: what it compiled with other flags it takes back never.
if (flags) require('node:v8').setFlagsFromString(flags);

// Node puts the executable's path where a script's would be; the name that the user said is what counts.
process.argv[1] = process.argv0;
const compiled = (file, cachedData) =>
  new Script(Buffer.from(getRawAsset(file)).latin1Slice(), { filename: file, cachedData }).runInThisContext();
const bundle = { part: (part) => compiled(`${name}.${part}.js`) };
const code = Buffer.from(getRawAsset(`${name}.code`));
// The kernel's process 1 has no /proc yet, and so no more than the name that it was started under, which may be a link.
const folder = join(dirname(realpathSync(process.execPath)), 'lib', name, 'dist');
compiled(`${name}.bundle.js`, code)(require, bundle, folder);
