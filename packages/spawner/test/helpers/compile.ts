import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Compile a fixture to a static program. False where the machine has no static libc. */
export const compileStatic = (fixture: string, output: string): boolean => {
  const source = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const { CC = 'cc' } = process.env;
  const [compiler = 'cc', ...options] = CC.split(' ');
  return spawnSync(compiler, [...options, '-static', '-o', output, source]).status === 0;
};
