import type { Step } from './steps.js';

/** Where a process's standard descriptors go. Standard input is `/dev/null` for `none` and `log`. */
export type ConsoleSpec =
  | { readonly kind: 'none' }
  /** Output through a pty to a file, which is created on the first output: append, no-follow, mode 0640. */
  | { readonly kind: 'log'; readonly path: string }
  /** `/dev/console`, or `/dev/null` where it can't be opened. */
  | { readonly kind: 'output' }
  /** `/dev/console` as the controlling terminal. */
  | { readonly kind: 'owner' };

/** A resource limit; a value is `'unlimited'` or a decimal number, as a string where it exceeds 2⁵³. */
export interface LimitSpec {
  readonly resource: string;
  readonly soft: number | string;
  readonly hard: number | string;
}

/**
 * A process to be started, as plain data. It is the leader of its own session and process group; signals have their
 * default action and none is blocked.
 * What is absent is left as the daemon has it.
 */
export interface ProcessSpec {
  /** The program and its arguments. A name without `/` is looked up in the `PATH` of `env`. */
  readonly argv: readonly string[];
  /**
   * Text that the process finds as a file on descriptor 9 (`/bin/sh -e /proc/self/fd/9`). Its first line makes the shell
   * close the descriptor.
   */
  readonly script?: string;
  /** The whole environment, `KEY=VALUE`. */
  readonly env: readonly string[];
  readonly console: ConsoleSpec;
  readonly limits?: readonly LimitSpec[];
  readonly umask?: number;
  /** The nice value itself, -20 to 19. */
  readonly nice?: number;
  /** `oom_score_adj`, -1000 to 1000. */
  readonly oomScore?: number;
  /** Roots to change to, one after the other, each seen from inside the one before: the session's, then the job's. */
  readonly chroot?: readonly string[];
  /** Seen from inside the root. Absent: `/` of a new root, else the daemon's own. */
  readonly cwd?: string;
  /** Names are looked up inside the root. A user brings their primary group and their supplementary groups. */
  readonly user?: string;
  /** In place of the user's primary group. */
  readonly group?: string;
  /** Descriptors of the parent, from 3 on, that the process inherits under the same numbers; with a script not 9. */
  readonly inheritFds?: readonly number[];
}

/** A step of the child's set-up failed; nothing runs. */
export interface SpawnError {
  readonly step: Step;
  /** What the step was doing it to: a path, the name of a resource, a user. */
  readonly argument?: string;
  /** Positive; 0 where no system call failed: there is no such user or group. */
  readonly errno: number;
  /** The original's text with the system's: `unable to change working directory: No such file or directory`. */
  readonly message: string;
}

export type SpawnResult =
  | { readonly ok: true; readonly pid: number }
  | { readonly ok: false; readonly error: SpawnError };

/** What became of a child. `core` tells whether a core was dumped. */
export type ChildEvent =
  | { readonly kind: 'exited'; readonly pid: number; readonly code: number }
  | { readonly kind: 'signalled'; readonly pid: number; readonly signal: number; readonly core: boolean }
  | { readonly kind: 'stopped'; readonly pid: number; readonly signal: number }
  | { readonly kind: 'continued'; readonly pid: number };
