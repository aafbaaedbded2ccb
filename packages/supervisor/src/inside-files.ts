import { closeSync, fstatSync, lstatSync, mkdirSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfAccessError, type ConfFileAccess } from '@maverick/conf/files';
import { openInside } from '@maverick/spawner';

/** A job file is text that a person has written: what is longer is none, and would be held in memory. */
const MOST_FILE_BYTES = 1 << 20;

/** The descriptor's file under a name of its own: what is done to it is done to that file, wherever its old name leads now. */
export const pathOfDescriptor = (fd: number): string => `/proc/self/fd/${fd}`;

/** Open for as long as `act` takes. */
export const withOpen = <T>(fd: number, act: (fd: number) => T): T => {
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
};

/** Read a file that somebody else may have put there: no FIFO, device or endless file keeps us. */
export const readRegular = (fd: number): Uint8Array => {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new ConfAccessError('NoFile', 'It is no regular file');
  if (stats.size > MOST_FILE_BYTES)
    throw new ConfAccessError('FileTooLarge', `It is longer than ${MOST_FILE_BYTES} bytes`);
  return readFileSync(fd);
};

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Only root, or we ourselves, can change it, or what is in this directory. */
export const isSafe = ({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): boolean =>
  (uid === 0 || uid === process.geteuid?.()) && ((mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0);

/** What somebody else could have written is no job of root's. */
const safe = (fd: number): number => {
  if (!isSafe(fstatSync(fd)))
    throw new ConfAccessError('UnsafeFile', 'Others than root can write it: its jobs run as root');
  return fd;
};

/**
 * Files below a root directory as a process with this root sees them: no link leads out, whoever changes what meanwhile;
 * and only those that nobody but root can write.
 * @param root as the paths that are asked for begin
 */
export const insideFiles = (root: string): ConfFileAccess => {
  const open = (path: string): number => openInside([root], path.slice(root.length) || '/');
  return {
    readdir: (path) => withOpen(open(path), (fd) => readdirSync(pathOfDescriptor(safe(fd)), { withFileTypes: true })),
    stat: (path) => withOpen(open(path), (fd) => fstatSync(fd)),
    lstat: (path) => withOpen(open(dirname(path)), (fd) => lstatSync(join(pathOfDescriptor(fd), basename(path)))),
    read: (path) => withOpen(open(path), (fd) => readRegular(safe(fd))),
  };
};

/**
 * Make directories below a root, one in the other, as a process with this root would.
 * @throws the system's error
 */
export const makeInside = (root: string, words: readonly string[], mode: number): void => {
  for (const [index, word] of words.entries()) {
    withOpen(openInside([root], `/${words.slice(0, index).join('/')}`), (fd) => {
      try {
        mkdirSync(join(pathOfDescriptor(fd), word), { mode });
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
    });
  }
};
