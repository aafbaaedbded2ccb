import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const flags = (): readonly string[] | undefined => {
  const { status, stdout } = spawnSync('pkg-config', ['--cflags', '--libs', 'dbus-1'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(/\s+/) : undefined;
};

/** A program made with libdbus, or why there is none. `dispose` removes it. */
export interface Compiled {
  readonly program: string;
  readonly missing: string | undefined;
  dispose(): void;
}

/** Compile `fixtures/NAME.c` with libdbus. */
export const compileWithLibdbus = (name: string): Compiled => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-dbus-c-'));
  const program = join(folder, name);
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  const libdbus = flags();
  if (libdbus === undefined)
    return { program, missing: "pkg-config and libdbus's development files are not here", dispose };
  const source = join(import.meta.dirname, '..', 'fixtures', `${name}.c`);
  const { CC = 'cc' } = process.env;
  const options = ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source, ...libdbus];
  const { error, status, stderr } = spawnSync(CC, options, { encoding: 'utf8' });
  if (error !== undefined) return { program, missing: `${CC} is not here`, dispose };
  if (status !== 0) throw new Error(`${CC} ${source}:\n${stderr}`);
  return { program, missing: undefined, dispose };
};
