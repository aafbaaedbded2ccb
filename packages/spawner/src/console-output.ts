import { constants } from 'node:os';
import { native } from './native.js';
import type { ConsoleSpec, SpawnError } from './process-spec.js';
import { spawnError } from './spawn-error.js';
import type { SpawnWarning } from './spawn-warning.js';
import { errnoMessage } from './system-error.js';

/** A process's standard descriptors, opened: -1 is `/dev/null`, which the child opens itself. */
export interface ConsoleOutput {
  readonly stdio: readonly [number, number, number];
  readonly controlling: boolean;
  /** Descriptors to be closed once the process has them. */
  readonly opened: readonly number[];
  /** Our end of what is to be logged. */
  readonly log?: { readonly source: number; readonly path: string };
}

export type ConsoleResult =
  | { readonly ok: true; readonly output: ConsoleOutput; readonly warning?: SpawnWarning }
  | { readonly ok: false; readonly error: SpawnError };

const NULL_OUTPUT: ConsoleOutput = { stdio: [-1, -1, -1], controlling: false, opened: [] };

/** Descriptors and memory can run out for a pipe just as well. */
const PIPE_FAILS_TOO: ReadonlySet<number> = new Set([
  constants.errno.EMFILE,
  constants.errno.ENFILE,
  constants.errno.ENOMEM,
]);

const openLog = (path: string, uid: number | undefined): ConsoleResult => {
  const pty = native.outputOpen(false, uid ?? -1);
  const ends = typeof pty === 'number' && !PIPE_FAILS_TOO.has(-pty) ? native.outputOpen(true, uid ?? -1) : pty;
  if (typeof ends === 'number') return { ok: false, error: spawnError('log', -ends, path) };
  const output: ConsoleOutput = {
    stdio: [-1, ends.theirs, ends.theirs],
    controlling: false,
    opened: [ends.theirs],
    log: { source: ends.ours, path },
  };
  return typeof pty === 'number' ? { ok: true, output, warning: noPty(path, -pty) } : { ok: true, output };
};

const noPty = (path: string, errno: number): SpawnWarning => ({
  kind: 'no-pty',
  path,
  errno,
  message: `unable to open pty, output for ${path} is logged through a pipe: ${errnoMessage(errno)}`,
});

const noConsole = (errno: number): SpawnWarning => ({
  kind: 'no-console',
  errno,
  message: `unable to open console, /dev/null takes its place: ${errnoMessage(errno)}`,
});

const openConsole = (kind: 'output' | 'owner'): ConsoleResult => {
  const fd = native.consoleOpen();
  if (fd >= 0) return { ok: true, output: { stdio: [fd, fd, fd], controlling: kind === 'owner', opened: [fd] } };
  // Who asked to own the console can't do without it; who only writes there can.
  return kind === 'owner'
    ? { ok: false, error: spawnError('console', -fd) }
    : { ok: true, output: NULL_OUTPUT, warning: noConsole(-fd) };
};

/**
 * Open what a console setting asks for.
 * @param uid who the process will run as: terminals are made theirs
 */
export const openOutput = (console: ConsoleSpec, uid: number | undefined): ConsoleResult => {
  switch (console.kind) {
    case 'none':
      return { ok: true, output: NULL_OUTPUT };
    case 'log':
      return openLog(console.path, uid);
    case 'output':
    case 'owner':
      return openConsole(console.kind);
  }
};
