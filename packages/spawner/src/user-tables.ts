import { closeSync, readFileSync } from 'node:fs';
import { native } from './native.js';

/** A row of `/etc/passwd`. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A row of `/etc/group`. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const ID = /^\d+$/;

/** Rows with at least the fields of an id; others (comments, NIS markers) are no users. */
const rows = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => ID.test(fields[2] ?? ''));

/** @see passwd(5) */
export const parseUsers = (text: string): User[] =>
  rows(text)
    .filter((fields) => ID.test(fields[3] ?? ''))
    .map(([name = '', , uid, gid, , home = '', shell = '']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home,
      shell,
    }));

/** @see group(5) */
export const parseGroups = (text: string): Group[] =>
  rows(text).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter((member) => member !== ''),
  }));

/** The file as a process sees it that has changed its root to each of `roots`; or a positive errno. */
export const readInRoots = (roots: readonly string[], path: string): string | number => {
  const fd = native.openInRoots(roots, path, false);
  if (fd < 0) return -fd;
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
};
