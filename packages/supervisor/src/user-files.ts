import { constants, type Dirent, fstatSync, lstatSync, opendirSync, openSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfAccessError, type ConfFileAccess } from '@maverick/conf/files';
import { type KnownUser, withFileRights } from '@maverick/spawner';
import { pathOfDescriptor, readRegular, withOpen } from './inside-files.js';

/** How much configuration somebody may have. */
export interface ConfigurationBounds {
  /** Files of jobs and overrides. */
  readonly files: number;
  /** Of all of them together. */
  readonly bytes: number;
  /** What may be in the directories together, whatever it is. */
  readonly entries: number;
}

const FILE = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const DIRECTORY = FILE | constants.O_DIRECTORY;

/** Counts what somebody has, by path: a path that is read again counts as it is now. */
class Tally {
  readonly #of = new Map<string, number>();
  #sum = 0;

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#of.size;
  }

  set(path: string, amount: number): void {
    this.#sum += amount - (this.#of.get(path) ?? 0);
    this.#of.set(path, amount);
  }

  /** What is in a directory itself. */
  forgetIn(dir: string): void {
    for (const path of [...this.#of.keys()]) if (dirname(path) === dir) this.forget(path);
  }

  forget(path: string): void {
    this.set(path, 0);
    this.#of.delete(path);
  }
}

/**
 * Files as a user sees them: read with the rights of the user and not with ours, wherever links lead; belonging to the user or to
 * root, so that nobody else puts jobs there; and not more of them than the bounds.
 */
export const userFiles = (user: KnownUser, bounds: ConfigurationBounds): ConfFileAccess => {
  const files = new Tally();
  const entries = new Tally();

  const checkOwner = ({ uid }: Stats): void => {
    if (uid !== user.uid && uid !== 0) {
      throw new ConfAccessError('NotTheirs', `It belongs to neither ${user.name} nor root, but to user ${uid}`);
    }
  };

  const bound = (tally: Tally, path: string, is: boolean, code: string, message: string): void => {
    if (is) return;
    tally.forget(path);
    throw new ConfAccessError(code, message);
  };

  const list = (path: string, fd: number): Dirent[] => {
    checkOwner(fstatSync(fd));
    // All of it is about to be read again; what is not there any more is not.
    files.forgetIn(path);
    const found: Dirent[] = [];
    const dir = opendirSync(pathOfDescriptor(fd));
    try {
      entries.set(path, 0);
      // Not read to its end: it may not have one.
      const room = bounds.entries - entries.sum;
      for (let entry = dir.readSync(); entry !== null && found.length <= room; entry = dir.readSync())
        found.push(entry);
    } finally {
      dir.closeSync();
    }
    entries.set(path, found.length);
    const message = `There are more than ${bounds.entries} files in the configuration directories of ${user.name}`;
    bound(entries, path, entries.sum <= bounds.entries, 'TooManyFiles', message);
    return found;
  };

  const read = (path: string, fd: number): Uint8Array => {
    checkOwner(fstatSync(fd));
    const bytes = readRegular(fd);
    files.set(path, bytes.length);
    const jobs = `${user.name} has more than ${bounds.files} job files`;
    bound(files, path, files.count <= bounds.files, 'TooManyJobs', jobs);
    const size = `The job files of ${user.name} are longer than ${bounds.bytes} bytes together`;
    bound(files, path, files.sum <= bounds.bytes, 'ConfigurationTooLarge', size);
    return bytes;
  };

  const theirs = <T>(path: string, tally: Tally | undefined, act: () => T): T => {
    try {
      return withFileRights(user, act);
    } catch (error) {
      tally?.forget(path);
      throw error;
    }
  };

  return {
    readdir: (path) => theirs(path, entries, () => withOpen(openSync(path, DIRECTORY), (fd) => list(path, fd))),
    stat: (path) => theirs(path, undefined, () => statSync(path)),
    lstat: (path) => theirs(path, files, () => lstatSync(path)),
    read: (path) => theirs(path, files, () => withOpen(openSync(path, FILE), (fd) => read(path, fd))),
  };
};
