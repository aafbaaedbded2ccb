import { chmodSync, closeSync, fstatSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress } from '@maverick/dbus';
import { closeFd, connectUnix, listenUnix, openInside } from '@maverick/spawner';
import { makeInside } from '@maverick/supervisor';

/** Where a client inside looks for the daemon, if the private socket of the system can't be reached. */
const WORDS = ['run', 'upstart'];
const NAME = 'private';

/** A socket inside of a root directory. */
export interface ChrootSocket {
  /** As it is seen from outside, for people. */
  readonly address: string;
  readonly listener: number;
}

/** The directory that holds it, as a process with this root sees it: no link leads out of there. */
const withDirectory = <T>(root: string, act: (path: string, fd: number) => T): T => {
  const fd = openInside([root], `/${WORDS.join('/')}`);
  try {
    return act(`/proc/self/fd/${fd}`, fd);
  } finally {
    closeSync(fd);
  }
};

/** The host's own directory, mounted there: what is in it is not the chroot's. */
const isOurs = (fd: number): boolean => {
  const ours = statSync(`/${WORDS.join('/')}`, { bigint: true, throwIfNoEntry: false });
  const theirs = fstatSync(fd, { bigint: true });
  return ours?.dev === theirs.dev && ours.ino === theirs.ino;
};

/** One that nobody answers on was left behind. */
const removeStale = (path: string): void => {
  try {
    closeFd(connectUnix(path));
  } catch {
    unlinkSync(path);
    return;
  }
  throw new Error('Somebody else listens there');
};

const listenAt = (path: string): number => {
  try {
    return listenUnix(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    removeStale(path);
    return listenUnix(path);
  }
};

/**
 * Listen inside of a root directory, for who is there and can't reach us otherwise: an abstract socket is not seen in another
 * network namespace.
 * @returns undefined where the directory for it is the host's own
 * @throws the system's error
 */
export const listenInChroot = (root: string): ChrootSocket | undefined => {
  makeInside(root, WORDS, 0o755);
  return withDirectory(root, (dir, fd) => {
    if (isOurs(fd)) return undefined;
    const path = join(dir, NAME);
    const listener = listenAt(path);
    chmodSync(path, 0o600);
    return { address: formatAddress({ kind: 'path', name: join(root, ...WORDS, NAME) }), listener };
  });
};

/** Remove the name of the socket; what is gone already is no matter. */
export const removeFromChroot = (root: string): void => {
  try {
    withDirectory(root, (dir) => unlinkSync(join(dir, NAME)));
  } catch {
    // The root directory may be gone, and everything in it.
  }
};
