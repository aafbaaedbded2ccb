import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from './measure.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What the compiler is told of a library: `pkg-config` knows. */
const libraryOptions = (library) => {
  const { status, error, stdout, stderr } = spawnSync('pkg-config', ['--cflags', '--libs', library], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`this case needs the development files of ${library}: ${error?.message ?? stderr}`);
  return stdout.trim().split(' ');
};

const compile = (source, program, libraries) => {
  const { CC = 'cc' } = process.env;
  const options = ['-O2', '-Wall', '-Wextra', '-o', program, source, ...libraries.flatMap(libraryOptions)];
  const { status, error, stderr } = spawnSync(CC, options, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`this case needs a C compiler: ${error.message}`);
  if (status !== 0) throw new Error(`${CC} ${source} failed:\n${stderr}`);
};

/**
 * What a case has to work with. Everything that it makes through this is gone after `dispose`.
 * - `rows`: the results so far
 * - `compare({ label, subject, reference, rounds })`: measure, and add a row; `--rounds` counts more than `rounds`
 * - `add(row)`: a result in a form of the case's own, which exports `table(rows)` then; `wantedRounds` is what `--rounds` says
 * - `directory()`: a fresh temporary folder
 * - `native(name, libraries)`: the program of `bench/native/NAME.c`, compiled now with what `pkg-config` says of the libraries
 * - `signal`: aborted at the end, for processes that still run then
 * - `defer(end)`: have something undone at the end, latest first
 */
export const createContext = ({ rounds: wantedRounds, onRow = () => {} } = {}) => {
  const ends = [];
  const over = new AbortController();
  const rows = [];
  const defer = (end) => {
    ends.push(end);
  };
  const add = (row) => {
    rows.push(row);
    onRow(row);
  };
  const directory = () => {
    const path = mkdtempSync(join(tmpdir(), 'maverick-bench-'));
    defer(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  return {
    rows,
    wantedRounds,
    add,
    signal: over.signal,
    defer,
    directory,
    native: (name, libraries = []) => {
      const program = join(directory(), name);
      compile(here(`native/${name}.c`), program, libraries);
      return program;
    },
    compare: async ({ rounds, ...row }) => {
      const result = await compare({ ...row, rounds: wantedRounds ?? rounds });
      add(result);
    },
    dispose: async () => {
      over.abort();
      while (ends.length > 0) await ends.pop()();
    },
  };
};
