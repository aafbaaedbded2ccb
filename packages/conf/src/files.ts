/// <reference types="node" />
/**
 * Reads configuration directories from the disk into what the resolver takes.
 *
 * @module @maverick/conf/files
 */

import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ConfFile, type ConfLocation, type ConfSource, confFileKind, isEnteredDirectory } from './index.js';

/** Something below a configuration directory that could not be read. */
export interface ReadProblem {
  readonly path: string;
  /** The system's name of the error, such as `EACCES`, or that of a {@link ConfAccessError}. */
  readonly code: string;
  /** The system's text, in the original's words: `PATH: No such file or directory`. */
  readonly message: string;
}

export interface ReadSources {
  readonly sources: readonly ConfSource[];
  readonly problems: readonly ReadProblem[];
}

/**
 * Decode the bytes of a job file: as UTF-8 if they are, else byte by byte (Latin-1), so that no byte is lost.
 */
export const decodeConf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(isUtf8(bytes) ? 'utf8' : 'latin1');

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'No such file or directory'],
  ['EACCES', 'Permission denied'],
  ['EPERM', 'Operation not permitted'],
  ['ENOTDIR', 'Not a directory'],
  ['EISDIR', 'Is a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
  ['ENAMETOOLONG', 'File name too long'],
  ['EIO', 'Input/output error'],
]);

/** What a {@link ConfFileAccess} refuses by a rule of its own. `message`: the reason, without the path. */
export class ConfAccessError extends Error {
  static {
    Object.defineProperty(ConfAccessError.prototype, 'name', { value: 'ConfAccessError' });
  }
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const problemOf = (path: string, error: unknown): ReadProblem => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
  const reason = error instanceof ConfAccessError ? error.message : (REASONS.get(code) ?? code);
  return { path, code, message: `${path}: ${reason}` };
};

const byPath = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : Number(a.name > b.name);

const named = (stats: Stats, name: string): ConfFileEntry => ({
  name,
  isFile: () => stats.isFile(),
  isDirectory: () => stats.isDirectory(),
  isSymbolicLink: () => stats.isSymbolicLink(),
});

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * How directories and files are looked at. Paths are those of the places and what is below them; errors are the system's, with
 * its `code`. Another one than {@link diskFiles} can keep links from leading out of a root directory, or look with the rights of
 * somebody else.
 */
export interface ConfFileAccess {
  /** What is in a directory, each entry as it is itself. */
  readdir(path: string): readonly ConfFileEntry[];
  /** What a path leads to. */
  stat(path: string): Stats;
  /** The path itself, be it a link. */
  lstat(path: string): Stats;
  /** The content of a regular file. */
  read(path: string): Uint8Array;
}

/** An entry of a directory. */
export type ConfFileEntry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

/** The file system, as this process sees it. */
export const diskFiles: ConfFileAccess = {
  readdir: (path) => readdirSync(path, { withFileTypes: true }),
  stat: (path) => statSync(path),
  lstat: (path) => lstatSync(path),
  read: (path) => readFileSync(path),
};

/** Told of what a walk meets, before it looks into it: whoever begins to watch it then misses nothing. */
export interface WalkListener {
  /** A directory that is searched; its path below the configuration directory, `''` for itself. */
  readonly onDirectory?: (path: string) => void;
  /** A link that counts by its name, wherever it leads. */
  readonly onLink?: (path: string) => void;
}

/** Walks one configuration directory. */
class Walk {
  readonly files: ConfFile[] = [];
  readonly problems: ReadProblem[] = [];
  private readonly root: string;
  private readonly listener: WalkListener;
  private readonly access: ConfFileAccess;

  constructor(root: string, listener: WalkListener, access: ConfFileAccess) {
    this.root = root;
    this.listener = listener;
    this.access = access;
  }

  directory(path: string): void {
    const full = join(this.root, path);
    this.listener.onDirectory?.(path);
    let entries: readonly ConfFileEntry[];
    try {
      entries = this.access.readdir(full);
    } catch (error) {
      this.problems.push(problemOf(full, error));
      return;
    }
    for (const entry of [...entries].sort(byPath))
      this.entry(entry, path === '' ? entry.name : `${path}/${entry.name}`);
  }

  /** One path again. What is not there has nothing. */
  again(path: string): void {
    const full = join(this.root, path);
    try {
      const stats = path === '' ? this.access.stat(full) : this.access.lstat(full);
      if (path === '') this.directory(path);
      else this.entry(named(stats, basename(path)), path);
    } catch (error) {
      if (!isMissing(error)) this.problems.push(problemOf(full, error));
    }
  }

  private entry(entry: ConfFileEntry, path: string): void {
    const loaded = confFileKind(path) !== undefined;
    if (entry.isDirectory()) {
      if (isEnteredDirectory(entry.name)) this.directory(path);
    } else if (loaded && entry.isFile()) this.file(path, 'file');
    else if (loaded && entry.isSymbolicLink()) this.link(path);
  }

  /** A link counts by its own name: to a file it is a definition, to a directory it is searched, unless it leads back. */
  private link(path: string): void {
    const full = join(this.root, path);
    this.listener.onLink?.(path);
    try {
      const target = this.access.stat(full);
      if (target.isFile()) this.file(path, 'link');
      else if (target.isDirectory() && path.split('/').length <= MAX_DEPTH) this.directory(path);
    } catch (error) {
      this.problems.push(problemOf(full, error));
    }
  }

  private file(path: string, kind: ConfFile['kind']): void {
    const full = join(this.root, path);
    try {
      this.files.push({ path, kind, text: decodeConf(this.access.read(full)) });
    } catch (error) {
      this.problems.push(problemOf(full, error));
    }
  }
}

/** Links to directories may lead back to where they are; deeper than this nobody keeps job files. */
const MAX_DEPTH = 16;

export interface ReadEntry {
  readonly files: readonly ConfFile[];
  readonly problems: readonly ReadProblem[];
}

/**
 * Read what one path below a configuration directory holds now: a file itself, a searched directory with all below it.
 * What doesn't exist, or doesn't count by its name, has no files, and that is no problem.
 * @param path relative to `dir`, below directories that are searched; `''` is the whole directory
 */
export const readConfEntry = (
  dir: string,
  path: string,
  listener: WalkListener = {},
  access: ConfFileAccess = diskFiles,
): ReadEntry => {
  const walk = new Walk(dir, listener, access);
  walk.again(path);
  return { files: walk.files, problems: walk.problems };
};

/**
 * Read one configuration directory, sub-directories included, sorted by name. A directory that doesn't exist has no
 * files, and that is no problem.
 */
export const readConfDirectory = (
  dir: string,
): { readonly source: ConfSource; readonly problems: readonly ReadProblem[] } => {
  const { files, problems } = readConfEntry(dir, '');
  return { source: { dir, files }, problems };
};

/** Read the one file that may hold only comments. One that doesn't exist is no problem. */
export const readConfFile = (
  path: string,
  access: ConfFileAccess = diskFiles,
): { readonly source: ConfSource; readonly problems: readonly ReadProblem[] } => {
  const slash = path.lastIndexOf('/');
  const source = { kind: 'file', dir: path.slice(0, Math.max(slash, 0)) || '.' } as const;
  try {
    const file: ConfFile = { path: path.slice(slash + 1), kind: 'file', text: decodeConf(access.read(path)) };
    return { source: { ...source, files: [file] }, problems: [] };
  } catch (error) {
    const problem = problemOf(path, error);
    return { source: { ...source, files: [] }, problems: problem.code === 'ENOENT' ? [] : [problem] };
  }
};

/** Read all places of an init, in order. */
export const readConfSources = (locations: readonly ConfLocation[]): ReadSources => {
  const read = locations.map(({ kind, path }) => (kind === 'file' ? readConfFile(path) : readConfDirectory(path)));
  return { sources: read.map(({ source }) => source), problems: read.flatMap(({ problems }) => problems) };
};
