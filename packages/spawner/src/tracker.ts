import type { Following } from './follow.js';

/**
 * Ways to learn what a process forks.
 *
 * - `connector`: the kernel tells of every fork of the machine over netlink. Needs the first PID, user and
 *   network namespace, and root before Linux 6.6. Sees everything and disturbs nobody.
 * - `ptrace`: the process and its descendants are traced. Needs no privilege. Sees everything, but slows them down while
 *   they are followed, and nobody else can trace them meanwhile.
 * - `scan`: `/proc` is read, again and again. Works anywhere, and may miss who comes and goes between two looks.
 */
export type TrackerWay = 'connector' | 'ptrace' | 'scan';

/** One way of telling a {@link Following} about its processes. */
export interface Tracker {
  /**
   * A process that has just been started; nothing of it has been missed.
   * @param environment what it was given
   */
  begin(following: Following, environment: readonly string[]): void;
  /** Tell everything that has happened until now. */
  sync(following: Following): void;
  /** Something happened to some child: a good time to look. */
  look(): void;
  /** Tell nothing more. */
  release(following: Following): void;
  close(): void;
}
