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

/** A process to be started, as plain data. What is absent is left as the daemon has it. */
export interface ProcessSpec {
  /** The program and its arguments. A name without `/` is looked up in the `PATH` of `env`. */
  readonly argv: readonly string[];
  /** Text that the process finds as a file on descriptor 9 (`/bin/sh -e /proc/self/fd/9`). */
  readonly script?: string;
  /** The whole environment, `KEY=VALUE`. */
  readonly env: readonly string[];
  readonly console: ConsoleSpec;
  readonly limits?: readonly LimitSpec[];
  readonly umask?: number;
  readonly nice?: number;
  readonly oomScore?: number;
  /** Roots to change to, one after the other: the session's, then the job's. */
  readonly chroot?: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly group?: string;
  /** Descriptors of the parent that the process inherits under the same numbers. */
  readonly inheritFds?: readonly number[];
}

/** A step of the child's set-up failed; nothing runs. */
export interface SpawnError {
  /** A name of the step table, or `fork`. */
  readonly step: string;
  readonly argument?: string;
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
