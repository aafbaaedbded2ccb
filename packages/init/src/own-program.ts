import { readlinkSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isSea } from 'node:sea';

/** What has to be executed to become this program anew. */
export interface OwnProgram {
  /** The file to execute, an absolute path: that of Node, or of the standalone program. */
  readonly path: string;
  /** The words before the program's arguments, its name the first of them. */
  readonly command: readonly string[];
  /** The arguments that it was given. */
  readonly args: readonly string[];
}

/**
 * Node asks /proc for its own path before anything of ours runs. The kernel's process 1 has none yet, so that Node takes the name
 * that it was started under, `node` for a script: what is wrong then is put right here, once /proc is mounted.
 */
export const findOwnPath = (started: { execPath: string } = process): void => {
  if (isAbsolute(started.execPath)) return;
  try {
    started.execPath = readlinkSync('/proc/self/exe');
  } catch {
    // No /proc: then it is not known, and executing it anew will say so.
  }
};

/** The part of `process` that says how the program was started. */
export type StartedAs = Pick<NodeJS.Process, 'argv' | 'argv0' | 'execArgv' | 'execPath'>;

/**
 * How this program was started, so that it can execute itself again: `exec(path, [...command, ...args], env)`. The path is
 * the one that it had at the start, where an upgrade has put the newer program meanwhile.
 * @param standalone whether the executable is the program itself, and not a Node that was given a script. Default: as it is
 */
export const ownProgram = (started: StartedAs = process, standalone: boolean = isSea()): OwnProgram => {
  const { argv, argv0, execArgv, execPath } = started;
  // In both forms the second word is Node's addition: the script, or the executable once more.
  const [, script = '', ...args] = argv;
  return { path: execPath, command: standalone ? [argv0] : [argv0, ...execArgv, script], args };
};
