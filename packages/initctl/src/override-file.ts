import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Diagnostic, formatExcerpt, mergeConf, parseConf, readConf } from '@maverick/conf';
import { decodeConf } from '@maverick/conf/files';
import { InitctlError } from './errors.js';
import type { JobPaths } from './job-files.js';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The text of a file; `''` for one that is not there. */
export const readText = (path: string): string => {
  try {
    return decodeConf(readFileSync(path));
  } catch (error) {
    if (isMissing(error)) return '';
    throw new InitctlError('unreadable-file', { path, reason: reasonOf(error) }, { cause: error });
  }
};

/** A link stays a link: what it leads to is replaced. */
const targetOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

const DEFAULT_MODE = 0o644;
const PERMISSIONS = 0o7777;

/** The bytes of the file as they are: what was read byte by byte is written so. */
const encodingOf = (old: Buffer | undefined): 'utf8' | 'latin1' =>
  old !== undefined && decodeConf(old) !== old.toString('utf8') ? 'latin1' : 'utf8';

const readBytes = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

/**
 * Put a text in the place of a file, whole or not at all: whoever reads it meanwhile finds the old one or the new one. Owner
 * and permissions stay. An empty text takes the file away.
 * @throws InitctlError `unreadable-file`
 */
export const replaceFile = (path: string, text: string): void => {
  const target = targetOf(path);
  // The daemon passes over hidden files.
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    if (text === '') {
      rmSync(target, { force: true });
      return;
    }
    mkdirSync(dirname(target), { recursive: true });
    const old = statSync(target, { throwIfNoEntry: false });
    const fd = openSync(temporary, 'wx', DEFAULT_MODE);
    try {
      const bytes = Buffer.from(text, encodingOf(readBytes(target)));
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      if (old !== undefined) fchmodSync(fd, old.mode & PERMISSIONS);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (old !== undefined && process.getuid?.() === 0) chownSync(temporary, old.uid, old.gid);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new InitctlError('unreadable-file', { path, reason: reasonOf(error) }, { cause: error });
  }
};

const excerpts = (diagnostics: readonly Diagnostic[], text: string, colour: boolean): string =>
  diagnostics.map((diagnostic) => formatExcerpt(diagnostic, text, { colour })).join('\n');

/** What is to be said of an override before it counts. */
export interface CheckedOverride {
  /** It may be written. */
  readonly ok: boolean;
  /** Errors and warnings with the lines that they are about; `''` for none. */
  readonly problems: string;
  /** What the job's file and the override say together is that nothing starts it. */
  readonly manual: boolean;
}

/** Check the text of an override, by itself and together with the job's file. */
export const checkOverride = ({ file, override }: JobPaths, text: string, colour = false): CheckedOverride => {
  const { conf, diagnostics } = readConf(text, { file: override });
  const base = readConf(readText(file), { file }).conf;
  const merged = (conf && base ? mergeConf(base, conf).conf : conf) ?? {};
  return {
    ok: conf !== undefined,
    problems: excerpts(diagnostics, text, colour),
    manual: !merged.startOn && (merged.while === undefined || merged.whileIsGuard === true),
  };
};

/**
 * The text with its structure, for an edit.
 * @throws InitctlError `broken-override`
 */
export const parseOverride = (path: string, text: string) => {
  const { conf, source, diagnostics } = parseConf(text, { file: path });
  if (conf !== undefined) return source;
  throw new InitctlError('broken-override', { problems: excerpts(diagnostics, text, false) });
};
