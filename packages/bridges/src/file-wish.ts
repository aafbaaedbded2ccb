import { posix } from 'node:path';
import { globMatcher, matchGlob } from '@maverick/conf';
import { ConditionError } from './condition-error.js';
import { readVariables } from './variables.js';

/** What can happen to a file, as `EVENT` says it. */
const FILE_CHANGES = ['create', 'modify', 'delete'] as const;
export type FileChange = (typeof FILE_CHANGES)[number];

/** Files that a job asks for. */
export interface FileWish {
  /** `FILE` as the condition has it: what the event says, too. */
  readonly text: string;
  /** One file, what is in a directory and that itself, or the files of a directory whose names fit. */
  readonly form: 'file' | 'directory' | 'glob';
  /** Absolute, without a slash at the end: the file, or the directory. */
  readonly path: string;
  /** Which names in the directory count. */
  readonly fits: (name: string) => boolean;
  readonly changes: ReadonlySet<FileChange>;
}

const NAMES = new Map([
  ['FILE', 'FILE'],
  ['EVENT', 'EVENT'],
] as const);

/** The longest path that the kernel takes, with its end. */
const PATH_MAX = 4096;
const GLOB = /[*?[\]]/;
/** Of the job's own environment: not known here. */
const VARIABLE = /\$/;

const wrongPath = (text: string, expected: string): ConditionError =>
  new ConditionError('bad-value', `FILE=${text} is not understood: ${expected}`);

/** `~/x`, `./x` and `x` are the same below a home directory. */
const expand = (text: string, home: string | undefined): string => {
  if (text.startsWith('/')) return text;
  if (home === undefined) throw wrongPath(text, 'expected an absolute path (others are for --user)');
  return `${home}/${text.replace(/^~(?=\/|$)/, '.')}`;
};

/** Which changes `EVENT` asks for: all, one, or those that its pattern fits. */
const changesOf = (pattern: string | undefined): ReadonlySet<FileChange> => {
  if (pattern === undefined) return new Set(FILE_CHANGES);
  const changes = FILE_CHANGES.filter((change) => matchGlob(pattern, change));
  if (changes.length > 0) return new Set(changes);
  throw new ConditionError('bad-value', `EVENT=${pattern} never comes: expected ${FILE_CHANGES.join(', ')}`);
};

/**
 * Read what a condition says of files: `FILE=/var/crash/*.crash EVENT=create`, in any order. `MATCH`, which the event has, is
 * the daemon's to compare.
 * @param home where paths that are not absolute begin; absent: they are refused
 * @throws ConditionError
 * @see spec: bridges.md 3
 */
export const readFileWish = (args: readonly string[], home?: string): FileWish => {
  const given = readVariables(
    args.filter((arg) => !/^MATCH!?=/.test(arg)),
    NAMES,
    VARIABLE,
  );
  const text = given.get('FILE');
  if (text === undefined || text === '') throw new ConditionError('missing-variable', 'FILE is missing');
  if (text.split('/').includes('..')) throw wrongPath(text, 'a path may not lead upwards');
  const path = posix.normalize(expand(text, home));
  if (path === '/') throw wrongPath(text, 'expected a path below /');
  if (Buffer.byteLength(path) >= PATH_MAX) throw wrongPath(text, 'it is longer than any path');
  const { dir, base } = posix.parse(path);
  const isDirectory = text.endsWith('/') || /(^|\/)[.~]$/.test(text);
  if (GLOB.test(isDirectory ? path : dir)) throw wrongPath(text, 'a pattern may be its last part only');
  const form = isDirectory ? 'directory' : GLOB.test(base) ? 'glob' : 'file';
  return {
    text,
    form,
    path: form === 'glob' ? dir : path.replace(/\/$/, ''),
    fits: form === 'glob' ? globMatcher(base) : () => true,
    changes: changesOf(given.get('EVENT')),
  };
};
