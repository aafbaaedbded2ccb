import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Compile a fixture of one C file to a program; false where that can't be done with these options. */
export const compile = (fixture: string, output: string, flags: readonly string[] = []): boolean => {
  const source = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const { CC = 'cc' } = process.env;
  const [compiler = 'cc', ...options] = CC.split(' ');
  return spawnSync(compiler, [...options, ...flags, '-Wall', '-Wextra', '-Werror', '-o', output, source]).status === 0;
};

/** Compile a fixture to a static program. False where the machine has no static libc. */
export const compileStatic = (fixture: string, output: string): boolean => compile(fixture, output, ['-static']);

/** Compile a fixture to a library that is loaded by name. */
export const compileShared = (fixture: string, output: string): boolean =>
  compile(fixture, output, ['-shared', '-fPIC', '-D_GNU_SOURCE']);
