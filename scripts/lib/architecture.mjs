/**
 * What each package may import (docs/architecture.md), and which folders must stay pure. The one place that says so:
 * `scripts/check-imports.mjs` holds the code against it.
 */
export const ARROWS = {
  conf: [],
  engine: ['conf'],
  spawner: [],
  supervisor: ['conf', 'engine', 'spawner'],
  dbus: ['conf', 'engine', 'spawner'],
  bridges: ['conf', 'dbus', 'spawner'],
  // To hear what is appended to a journal it watches files as all others do.
  graph: ['conf', 'engine', 'spawner'],
  init: ['conf', 'engine', 'spawner', 'supervisor', 'dbus', 'graph', 'bridges'],
  initctl: ['conf', 'engine', 'spawner', 'dbus', 'graph'],
};

/** Packages that import no `node:` module, and the one file there that may. */
const PURE = { conf: ['files.ts'], engine: [] };

/** Packages of the daemon: whoever starts a process there goes through the spawner, the one owner of SIGCHLD. */
const NO_CHILD_PROCESS = ['conf', 'engine', 'spawner', 'supervisor', 'dbus', 'bridges', 'init'];

/** What `exports` offers beside each package's main entry. */
const ENTRIES = [...Object.keys(ARROWS), 'conf/files', 'dbus/client', 'graph/svg', 'spawner/unix-sockets'];

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+)'([^']+)'/gm;

/** The module specifiers of a source text. */
export const importsOf = (text) => [...text.matchAll(SPECIFIER)].map((match) => match[1]);

/** Time and chance: what a pure package never asks. (`process` and `console` are unknown to the compiler there.) */
const IMPURE_GLOBALS = /\b(?:Date\.now|new Date|Math\.random|globalThis)/;

/** Why this import must not stand in this file of this package, or nothing. */
const faultOf = (name, file, specifier) => {
  const pure = name in PURE && !PURE[name].includes(file);
  if (specifier.startsWith('node:')) {
    if (pure) return `'${name}' is pure: no ${specifier}`;
    if (specifier === 'node:child_process' && NO_CHILD_PROCESS.includes(name))
      return `processes are started by the spawner only`;
    return undefined;
  }
  const own = /^@maverick\/([^/]+)(\/.*)?$/.exec(specifier);
  if (own === null) return undefined;
  if (!ARROWS[name].includes(own[1])) return `'${name}' may not import '${own[1]}'`;
  const entry = own[2] ?? '';
  return ENTRIES.includes(own[1] + entry) ? undefined : `'${specifier}' is not a public entry`;
};

/** Every fault of one source file, each one line. */
export const faultsIn = (name, file, text) => {
  const faults = importsOf(text).flatMap((specifier) => faultOf(name, file, specifier) ?? []);
  if (name in PURE && !PURE[name].includes(file)) {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    const impure = IMPURE_GLOBALS.exec(code);
    if (impure) faults.push(`'${name}' is pure: no ${impure[0]}`);
  }
  return faults;
};
