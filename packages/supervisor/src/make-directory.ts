import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Create one directory. True if it is there now, false if what is above it is missing. */
const makeOne = (path: string, mode: number): boolean => {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return true;
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
};

/**
 * Create a directory and what is missing above it. (Not `mkdir` with `recursive`: that tries for ever where a file
 * system answers "no such file" to what it doesn't let anybody create, as `/proc` does.)
 * @param mode of every directory that is made
 * @throws the system's error
 */
export const makeDirectory = (path: string, mode: number): void => {
  if (makeOne(path, mode)) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above, mode);
  mkdirSync(path, { mode });
};
