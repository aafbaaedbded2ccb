// `node keep-code.cjs BUNDLE OUT FLAGS ARG...`: run a bundled program, and write what V8 has compiled of it by its end.
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [bundle, out, flags] = process.argv.splice(2, 3);
if (flags) setFlagsFromString(flags);
const compile = (filename) => new Script(readFileSync(filename, 'latin1'), { filename });
const script = compile(bundle);
const part = (name) => compile(bundle.replace(/\.bundle\.js$/, `.${name}.js`)).runInThisContext();
process.argv[1] = 'initctl';
process.on('exit', () => writeFileSync(out, script.createCachedData()));
script.runInThisContext()(require, { part }, dirname(bundle));
