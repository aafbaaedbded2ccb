import { constants } from 'node:os';
import type { LogSettings } from './log-protocol.js';
import { native } from './native.js';
import type { ConsoleSpec, LogConsole, SpawnError } from './process-spec.js';
import { spawnError } from './spawn-error.js';
import type { SpawnWarning } from './spawn-warning.js';
import { errnoMessage } from './system-error.js';

/** A process's standard descriptors, opened: -1 is `/dev/null`, which the child opens itself. */
export interface ConsoleOutput {
  readonly stdio: readonly [number, number, number];
  readonly controlling: boolean;
  /** Descriptors to be closed once the process has them. */
  readonly opened: readonly number[];
  /** Our ends of what is to be logged: standard output, and standard error where it is apart. */
  readonly log?: { readonly sources: readonly number[]; readonly settings: LogSettings };
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

interface Ends {
  readonly ours: number;
  readonly theirs: number;
}

/** `errno` is why there is no terminal, where a pipe took its place; a number alone is a negative errno. */
type OpenedEnds = { readonly ends: Ends; readonly errno?: number } | number;

const openEnds = (transport: 'pty' | 'pipe', uid: number): OpenedEnds => {
  const first = native.outputOpen(transport === 'pipe', uid);
  if (typeof first !== 'number') return { ends: first };
  if (transport === 'pipe' || PIPE_FAILS_TOO.has(-first)) return first;
  const pipe = native.outputOpen(true, uid);
  return typeof pipe === 'number' ? pipe : { ends: pipe, errno: -first };
};

/** JSON tells the streams apart, so each has a terminal or pipe of its own. */
const openStreams = ({ transport = 'pty', format }: LogConsole, uid: number): readonly OpenedEnds[] => {
  const output = openEnds(transport, uid);
  if (format !== 'json' || typeof output === 'number') return [output];
  const error = openEnds(transport, uid);
  if (typeof error === 'number') for (const fd of Object.values(output.ends)) native.closeFd(fd);
  return [output, error];
};

const openLog = (console: LogConsole, uid: number | undefined): ConsoleResult => {
  const opened = openStreams(console, uid ?? -1);
  const failed = opened.find((ends) => typeof ends === 'number');
  if (failed !== undefined) return { ok: false, error: spawnError('log', -failed, console.path) };
  const streams = opened.filter((ends) => typeof ends !== 'number');
  const theirs = streams.map(({ ends }) => ends.theirs);
  const [output = -1, error = output] = theirs;
  const { kind: _, transport: __, ...settings } = console;
  const result: ConsoleOutput = {
    stdio: [-1, output, error],
    controlling: false,
    opened: theirs,
    log: { sources: streams.map(({ ends }) => ends.ours), settings },
  };
  const errno = streams.find((stream) => stream.errno !== undefined)?.errno;
  return errno === undefined
    ? { ok: true, output: result }
    : { ok: true, output: result, warning: noPty(console.path, errno) };
};

const noPty = (path: string, errno: number): SpawnWarning => ({
  kind: 'no-pty',
  path,
  errno,
  message: `unable to open pty, output for ${path} and what follows is logged through pipes: ${errnoMessage(errno)}`,
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

const ownOutput = ({ input = false, terminal = false }: Extract<ConsoleSpec, { kind: 'own' }>): ConsoleOutput => ({
  stdio: [input ? 0 : -1, 1, 2],
  controlling: terminal,
  opened: [],
});

/**
 * Open what a console setting asks for.
 * @param uid who the process will run as: terminals are made theirs
 */
export const openOutput = (console: ConsoleSpec, uid: number | undefined): ConsoleResult => {
  switch (console.kind) {
    case 'none':
      return { ok: true, output: NULL_OUTPUT };
    case 'log':
      return openLog(console, uid);
    case 'own':
      return { ok: true, output: ownOutput(console) };
    case 'output':
    case 'owner':
      return openConsole(console.kind);
  }
};
