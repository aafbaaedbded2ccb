// What a bundled program starts with: the build puts a copy of this beside each bundle, the words between @ filled in.
//
// V8 compiles a function when it is first called. What it had compiled by the end of a run that did real work is kept, and
// the next run has it at once. (Node's own compile cache keeps what is compiled before anything runs: nearly nothing.)
const {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} = require('node:fs');
const { Script } = require('node:vm');

/**
 * What ends kept code of this length. V8 checks that it made the code itself and takes its word for the rest: that it is of
 * this very bundle, and whole, is seen here.
 */
const seal = (length) => Buffer.from(`@BUILD@ ${String(length).padStart(12)}`, 'latin1');
const SEAL_BYTES = seal(0).length;
/** A daemon has started by then. */
const SETTLED_MS = 10_000;

const { HOME, XDG_CACHE_HOME } = process.env;
const uid = process.getuid();

/** Compiled code is trusted like code: it lies where nobody else can put any. */
const caches = uid === 0 ? '/var/cache' : XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
const folder = caches && process.geteuid() === uid ? `${caches}/maverick` : undefined;
/** The commands that run often have kept code of their own: with that of all others theirs would take twice as long to read. */
const COMMANDS = '@COMMANDS@'.split(' ').filter(Boolean);
const [, program = '', ...words] = process.argv;
const command = [program.slice(program.lastIndexOf('/') + 1), ...words].find((word) => COMMANDS.includes(word));
/** Several builds may be used in turns, as in work trees; each has its own. */
const placeOf = (part) =>
  `${folder}/@NAME@.${part}${command ? `.${command}` : ''}-${process.version}-${process.arch}-@BUILD@`;
const WEEK_MS = 7 * 24 * 3600 * 1000;

const readKept = (part) => {
  const fd = openSync(placeOf(part), 'r');
  try {
    const { uid: owner, mode } = fstatSync(fd);
    const bytes = owner === uid && (mode & 0o022) === 0 ? readFileSync(fd) : Buffer.alloc(0);
    const length = bytes.length - SEAL_BYTES;
    return length > 0 && bytes.subarray(length).equals(seal(length)) ? bytes.subarray(0, length) : undefined;
  } finally {
    closeSync(fd);
  }
};

/** One by one: a home that is missing is not ours to make, and Node's own way tries for ever below /proc. */
const makeFolder = (path) => {
  if (!existsSync(path)) mkdirSync(path, { mode: uid === 0 ? 0o755 : 0o700 });
};

const writeKept = (part, code) => {
  for (const path of [caches, folder]) makeFolder(path);
  const file = placeOf(part);
  const temporary = `${file}.${process.pid}`;
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(fd, Buffer.concat([code, seal(code.length)]));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, file);
  for (const name of readdirSync(folder)) forget(`${folder}/${name}`);
};

/** What a build that is gone has left; one that still is comes back. */
const forget = (path) => {
  if (statSync(path).mtimeMs < Date.now() - WEEK_MS) unlinkSync(path);
};

/** It is for speed only: without it, or where it can't be kept, all else is the same. */
const attempt = (act) => {
  try {
    return act();
  } catch {
    return undefined;
  }
};

// Before V8 is asked: what it compiled with other flags it takes back never.
const flags = '@FLAGS@';
if (flags) require('node:v8').setFlagsFromString(flags);

/**
 * What a bundle gets: `works` becomes true when the run is one whose compiled code is worth keeping; `part` compiles what few runs
 * need, `more` or `rare`.
 */
const bundle = { works: false, part: (name) => compiled(name) };

/** A file of the program, executed: a function. */
const compiled = (part) => {
  const filename = `${__dirname}/@NAME@.${part}.js`;
  const kept = folder && attempt(() => readKept(part));
  // The bundler writes ASCII.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: kept });
  if (folder && (kept === undefined || script.cachedDataRejected)) keepLater(part, script);
  return script.runInThisContext();
};

const keepLater = (part, script) => {
  const keep = () => {
    process.off('exit', keep);
    if (bundle.works) attempt(() => writeKept(part, script.createCachedData()));
  };
  process.on('exit', keep);
  setTimeout(keep, SETTLED_MS).unref();
};

compiled('bundle')(require, bundle, __dirname);
