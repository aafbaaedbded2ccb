/** Something that went less well than asked for, though the process runs. */
export type SpawnWarning =
  /** There is no `/dev/console` to write to: `/dev/null` took its place. */
  | { readonly kind: 'no-console'; readonly errno: number; readonly message: string }
  /** No pseudo terminal could be had: output is logged through a pipe. Told once, until one can be had again. */
  | { readonly kind: 'no-pty'; readonly path: string; readonly errno: number; readonly message: string }
  /** A log file can't be written; output is kept in memory, up to a bound. */
  | { readonly kind: 'log-unwritable'; readonly path: string; readonly errno: number; readonly message: string }
  /** What was kept in memory for a log file was more than the bound: `bytes` are lost. */
  | { readonly kind: 'log-dropped'; readonly path: string; readonly bytes: number; readonly message: string }
  /** A log file that is full can't be put away: it grows on. */
  | { readonly kind: 'log-unrotated'; readonly path: string; readonly errno: number; readonly message: string }
  /** The log process has ended, does not answer, or can't be found again. */
  | { readonly kind: 'log-process'; readonly message: string }
  /** A PAM module has something to say. */
  | { readonly kind: 'pam'; readonly service: string; readonly message: string }
  /** The PAM session of the process `pid` was not closed. */
  | { readonly kind: 'session-lost'; readonly pid: number; readonly service: string; readonly message: string };
