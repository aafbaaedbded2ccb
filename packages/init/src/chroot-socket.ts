import { closeSync, fstatSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CHROOT_SOCKET, formatAddress } from '@maverick/dbus';
import { listenSocket, openInside } from '@maverick/spawner';
import { makeInside } from '@maverick/supervisor';

const DIRECTORY = dirname(CHROOT_SOCKET);
const NAME = basename(CHROOT_SOCKET);

/** A socket inside of a root directory. */
export interface ChrootSocket {
  /** As it is seen from outside, for people. */
  readonly address: string;
  readonly listener: number;
}

/** The directory that holds it, as a process with this root sees it: no link leads out of there. */
const withDirectory = <T>(root: string, act: (path: string, fd: number) => T): T => {
  const fd = openInside([root], DIRECTORY);
  try {
    return act(`/proc/self/fd/${fd}`, fd);
  } finally {
    closeSync(fd);
  }
};

/** The host's own directory, mounted there: what is in it is not the chroot's. */
const isOurs = (fd: number): boolean => {
  const ours = statSync(DIRECTORY, { bigint: true, throwIfNoEntry: false });
  const theirs = fstatSync(fd, { bigint: true });
  return ours?.dev === theirs.dev && ours.ino === theirs.ino;
};

/**
 * Listen inside of a root directory, for who is there and can't reach us otherwise: an abstract socket is not seen in another
 * network namespace.
 * @returns undefined where the directory for it is the host's own
 * @throws the system's error
 */
export const listenInChroot = (root: string): ChrootSocket | undefined => {
  makeInside(root, DIRECTORY.slice(1).split('/'), 0o755);
  return withDirectory(root, (dir, fd) => {
    if (isOurs(fd)) return undefined;
    const address = { family: 'unix', path: join(dir, NAME) } as const;
    const listener = listenSocket({ address, file: { mode: 0o600 }, replaceStale: true });
    return { address: formatAddress({ kind: 'path', name: join(root, CHROOT_SOCKET) }), listener };
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
