import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InitctlError } from './errors.js';

/** A file by which a Session Init makes itself known. */
export interface SessionFile {
  readonly path: string;
  readonly pid: number;
  /** The D-Bus address of its private socket. */
  readonly address: string;
}

const FILE_NAME = /^(\d+)\.session$/;
const CONTENT = /^UPSTART_SESSION=(.+)$/m;

const readSessionFile = (directory: string, name: string): SessionFile[] => {
  const pid = FILE_NAME.exec(name)?.[1];
  if (pid === undefined) return [];
  const path = join(directory, name);
  const address = CONTENT.exec(readOptional(path))?.[1];
  return address === undefined ? [] : [{ path, pid: Number(pid), address }];
};

/** The file's text; nothing if it has gone meanwhile. */
const readOptional = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const fileNames = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new InitctlError('unreadable-session-directory', {}, { cause: error });
  }
};

/**
 * The session files below `XDG_RUNTIME_DIR`, in the order of the directory. A daemon that was killed leaves its file
 * behind, so ask {@link isAlive}.
 * @throws InitctlError `no-session-directory`, `unreadable-session-directory`
 */
export const sessionFiles = (runtimeDirectory: string | undefined): SessionFile[] => {
  if (!runtimeDirectory) throw new InitctlError('no-session-directory', {});
  const directory = join(runtimeDirectory, 'upstart', 'sessions');
  return fileNames(directory).flatMap((name) => readSessionFile(directory, name));
};

/** Is there a process of this number that we may signal? */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
