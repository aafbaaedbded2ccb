import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Environment } from './directories.js';

/** The file by which clients find a session's daemon. */
export interface SessionFile {
  readonly path: string;
  /** At a clean end only: readers check that the PID in the name lives. */
  remove(): void;
}

/**
 * Tell the user's other programs where this session's daemon listens: `$XDG_RUNTIME_DIR/upstart/sessions/PID.session`.
 * @returns undefined where the environment names no runtime directory
 * @throws the system's error where the file can't be written
 * @see spec: dbus-api.md section 2
 */
export const writeSessionFile = (env: Environment, pid: number, address: string): SessionFile | undefined => {
  const runtimeDir = env.XDG_RUNTIME_DIR;
  if (runtimeDir === undefined || !isAbsolute(runtimeDir)) return undefined;
  // One by one: a runtime directory that is missing is not ours to make.
  for (const dir of [join(runtimeDir, 'upstart'), join(runtimeDir, 'upstart', 'sessions')]) makeDirectory(dir);
  const path = join(runtimeDir, 'upstart', 'sessions', `${pid}.session`);
  const text = `UPSTART_SESSION=${address}\n`;
  // A daemon that has re-executed itself is where it was: nobody is to find the file empty meanwhile.
  if (textOf(path) !== text) writeFileSync(path, text);
  return { path, remove: () => rmSync(path, { force: true }) };
};

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const makeDirectory = (dir: string): void => {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
};
