/// <reference types="node" />
/**
 * Reads configuration directories from the disk into what the resolver takes.
 *
 * @module @maverick/conf/files
 */

import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfFile, type ConfLocation, type ConfSource, confFileKind, isEnteredDirectory } from './index.js';

/** Something below a configuration directory that could not be read. */
export interface ReadProblem {
  readonly path: string;
  /** The system's name of the error, such as `EACCES`. */
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

const problemOf = (path: string, error: unknown): ReadProblem => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EUNKNOWN';
  return { path, code, message: `${path}: ${REASONS.get(code) ?? code}` };
};

const byPath = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : Number(a.name > b.name);

/** Walks one configuration directory. */
class Walk {
  readonly files: ConfFile[] = [];
  readonly problems: ReadProblem[] = [];
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  directory(path: string): void {
    const full = join(this.root, path);
    let entries: Dirent[];
    try {
      entries = readdirSync(full, { withFileTypes: true });
    } catch (error) {
      this.problems.push(problemOf(full, error));
      return;
    }
    for (const entry of entries.sort(byPath)) this.entry(entry, path === '' ? entry.name : `${path}/${entry.name}`);
  }

  private entry(entry: Dirent, path: string): void {
    const loaded = confFileKind(path) !== undefined;
    if (entry.isDirectory()) {
      if (isEnteredDirectory(entry.name)) this.directory(path);
    } else if (loaded && entry.isFile()) this.file(path, 'file');
    else if (loaded && entry.isSymbolicLink()) this.link(path);
  }

  /** A link counts by its own name: to a file it is a definition, to a directory it is searched, unless it leads back. */
  private link(path: string): void {
    const full = join(this.root, path);
    try {
      const target = statSync(full);
      if (target.isFile()) this.file(path, 'link');
      else if (target.isDirectory() && path.split('/').length <= MAX_DEPTH) this.directory(path);
    } catch (error) {
      this.problems.push(problemOf(full, error));
    }
  }

  private file(path: string, kind: ConfFile['kind']): void {
    const full = join(this.root, path);
    try {
      this.files.push({ path, kind, text: decodeConf(readFileSync(full)) });
    } catch (error) {
      this.problems.push(problemOf(full, error));
    }
  }
}

/** Links to directories may lead back to where they are; deeper than this nobody keeps job files. */
const MAX_DEPTH = 16;

/**
 * Read one configuration directory, sub-directories included, sorted by name. A directory that doesn't exist has no
 * files, and that is no problem.
 */
export const readConfDirectory = (
  dir: string,
): { readonly source: ConfSource; readonly problems: readonly ReadProblem[] } => {
  const walk = new Walk(dir);
  if (statSync(dir, { throwIfNoEntry: false })) walk.directory('');
  return { source: { dir, files: walk.files }, problems: walk.problems };
};

const readConfFile = (path: string): { readonly source: ConfSource; readonly problems: readonly ReadProblem[] } => {
  const slash = path.lastIndexOf('/');
  const source = { kind: 'file', dir: path.slice(0, Math.max(slash, 0)) || '.' } as const;
  try {
    const file: ConfFile = { path: path.slice(slash + 1), kind: 'file', text: decodeConf(readFileSync(path)) };
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
