import { closeSync, constants, fchownSync, openSync } from 'node:fs';
import type { KnownUser, ProcessSpec } from '@maverick/spawner';
import { userLog } from './user-logs.js';

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Make a log file a user's own before output is written to it, so that they can read it, and their quota counts. Its directory is
 * ours: nobody else can put something else in its place.
 */
const giveLog = (path: string, { uid, gid }: Pick<KnownUser, 'uid' | 'gid'>): void => {
  try {
    const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o640);
    try {
      fchownSync(fd, uid, gid);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Who writes there tells of what can't be written.
  }
};

/** A user's process, with the log that they may have, if it has one: the file is theirs. */
export const withOwnLog = (spec: ProcessSpec, owner: KnownUser | undefined): ProcessSpec => {
  if (owner === undefined || spec.console.kind !== 'log') return spec;
  const path = userLog(spec.console.path);
  giveLog(path, owner);
  return { ...spec, console: { ...spec.console, path } };
};
