import type { Capability } from './capability.js';
import type { FollowSpec } from './follow.js';
import type { Step } from './steps.js';

/** A log file, and how output gets there. */
export interface LogConsole {
  readonly kind: 'log';
  /** Absolute. Created on the first output: append, never through a link, mode 0640. */
  readonly path: string;
  /** A directory that `path` is seen from, as a process with this root sees it: no link leads out of it. */
  readonly root?: string;
  /**
   * `pty`, the default: the process writes to a terminal, so that line by line comes out as it is written. `pipe`: for
   * programs that write very much; most of them gather output before they write it.
   */
  readonly transport?: 'pty' | 'pipe';
  /**
   * `text`, the default: the bytes as they are. `json`: an object a line with `time` (ISO 8601, UTC, microseconds),
   * `stream` (`stdout` or `stderr`), `job` and `message`; what is not UTF-8 becomes U+FFFD, and a line of more than 16 KiB
   * several objects, all but the last with `"partial":true`.
   */
  readonly format?: 'text' | 'json';
  /** What `job` is in JSON. */
  readonly job?: string;
  /**
   * Put the file away as `path.1` when a line would make it longer than `bytes`; `path.1` becomes `path.2` and so on, and
   * `keep` of them stay. A line is never split over two files.
   */
  readonly rotate?: { readonly bytes: number; readonly keep: number };
}

/** Where a process's standard descriptors go. Standard input is `/dev/null` for `none` and `log`. */
export type ConsoleSpec =
  | { readonly kind: 'none' }
  | LogConsole
  /** `/dev/console`, or `/dev/null` where it can't be opened. */
  | { readonly kind: 'output' }
  /** `/dev/console` as the controlling terminal. */
  | { readonly kind: 'owner' }
  /**
   * Standard output and error of this program. `input`: its standard input, too. `terminal`: that is a terminal, and
   * becomes the controlling one.
   */
  | { readonly kind: 'own'; readonly input?: boolean; readonly terminal?: boolean };

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
   * Text that the process finds as a file on the descriptor that `scriptFd` tells, 9 as a rule
   * (`/bin/sh -e /proc/self/fd/9`). A first line makes the shell close it; above 9, where POSIX has no way to say so, it
   * stays open.
   */
  readonly script?: string;
  /** The whole environment, `KEY=VALUE`. Only `listenFds`, `readyFd` and `notifySocket` add to it. */
  readonly env: readonly string[];
  readonly console: ConsoleSpec;
  /** Descriptors of the parent in place of what `console` would give: a connection for a server in the way of inetd. */
  readonly stdio?: StdioSpec;
  /**
   * What is absent stays as it is, but for the soft limit of `nofile`: Node raises its own to the hard one, a process
   * gets what this program was started with.
   */
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
  /**
   * Limits, niceness and directory are set with the rights of `user` and not with ours: what they may not raise fails, and so does
   * a directory that they may not enter.
   */
  readonly ownRights?: boolean;
  /** In place of the user's primary group. */
  readonly group?: string;
  /** Descriptors of the parent, from 3 on, that the process inherits under the same numbers. */
  readonly inheritFds?: readonly number[];
  /**
   * Sockets that the process gets as descriptors 3, 4 … in this order, and is told of by `LISTEN_FDS`, `LISTEN_PID`,
   * `LISTEN_FDNAMES`, `UPSTART_FDS` and, for the first, `UPSTART_FD`. @see sd_listen_fds(3)
   */
  readonly listenFds?: readonly ListenFd[];
  /** A descriptor to which the process writes a newline when it is ready. */
  readonly readyFd?: ReadyFd;
  /** The value of `NOTIFY_SOCKET`: where it tells of itself, as the process sees it. @see sd_notify(3) */
  readonly notifySocket?: string;
  /** A cgroup v2 directory of the parent's view that the process enters; it must exist. */
  readonly cgroup?: string;
  /**
   * A line that the new process writes to a file of ours before it does anything else: after a crash of this program it tells
   * for certain whether there was a process. The descriptor must be open for appending.
   */
  readonly birth?: { readonly fd: number; readonly text: string };
  /** The AppArmor profile that the program runs under. Left out where the kernel has no AppArmor, or it is switched off. */
  readonly apparmor?: string;
  /** A PAM service: a session of `user` is opened for the process, and closed when it has ended. */
  readonly pamService?: string;
  /**
   * The process stops itself (SIGSTOP) just before its program, everything else done, and goes on with SIGCONT. What
   * hinders the program then is told as an `exec-failed` event.
   */
  readonly pause?: boolean;
  /** Traced by this process's thread from the program's start on: it stops there with SIGTRAP. @see ptrace(2) */
  readonly trace?: boolean;
  /** It forks away, as a daemon does: find out who serves in the end, and tell `onTrack`. */
  readonly follow?: FollowSpec;
}

/** Absent: as `console` says. */
export interface StdioSpec {
  readonly input?: number;
  readonly output?: number;
  readonly error?: number;
}

export interface ListenFd {
  readonly fd: number;
  /** For `LISTEN_FDNAMES`: printable, without colons. Default `unknown`. */
  readonly name?: string;
}

export interface ReadyFd {
  /** The writing end of a pipe, which the parent closes after `spawn`. */
  readonly fd: number;
  /** The number under which the process expects it. Default: the first from 3 on that is free. */
  readonly target?: number;
  /** A variable that tells the process the number. */
  readonly variable?: string;
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
  /** The privilege that this process would need for the step, where that is why it was refused. */
  readonly capability?: Capability;
  /** What could be done about it, to follow the message: `needs CAP_SYS_RESOURCE`. */
  readonly hint?: string;
}

export type SpawnResult =
  | { readonly ok: true; readonly pid: number }
  | { readonly ok: false; readonly error: SpawnError };

/** What became of a child. `core` tells whether a core was dumped. */
export type ChildEvent =
  | { readonly kind: 'exited'; readonly pid: number; readonly code: number }
  | { readonly kind: 'signalled'; readonly pid: number; readonly signal: number; readonly core: boolean }
  | { readonly kind: 'stopped'; readonly pid: number; readonly signal: number }
  | { readonly kind: 'continued'; readonly pid: number }
  /**
   * It has ended, and nobody can tell how: it was not our child (or somebody else in this program has waited for it) and
   * the kernel, before Linux 6.15, keeps no status for us.
   */
  | { readonly kind: 'vanished'; readonly pid: number }
  /** A process that had been paused runs its program. Comes before the end of the process, if ever. */
  | { readonly kind: 'executed'; readonly pid: number }
  /** The program of a process that had been paused could not be executed. The process ends with status 255. */
  | { readonly kind: 'exec-failed'; readonly pid: number; readonly error: SpawnError };
