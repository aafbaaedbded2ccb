import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { ConfLocation } from '@maverick/conf';
import type { Environment } from './directories.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';
import { ownRun, placesNextTo } from './places.js';

const runtimeState = ({ XDG_RUNTIME_DIR: dir }: Environment): string | undefined =>
  dir !== undefined && isAbsolute(dir) ? join(dir, 'upstart/state') : undefined;

/** Where each mode keeps its state. One that lies on `/` would keep that from being mounted read-only. */
const BASES = {
  system: () => ownRun('state'),
  // Its processes end with it.
  container: () => undefined,
  user: runtimeState,
  session: runtimeState,
} as const satisfies Record<Mode, (env: Environment) => string | undefined>;

/** Only who has the same user, mode and configuration directories goes on with what a daemon has left. */
const keyOf = (mode: Mode, confDirs: readonly ConfLocation[]): string => {
  const paths = confDirs.map(({ path }) => resolve(path)).join('\0');
  const hash = createHash('sha256').update(`${mode}\0${paths}`).digest('hex').slice(0, 16);
  return `${process.getuid?.() ?? 0}-${hash}`;
};

/**
 * The directories in which a daemon may keep what the next one needs after a crash, the first that is free counts: it is
 * one's own where no other daemon of the same kind lives.
 * @returns none where there is no place, or none is wanted
 */
export const statePlaces = (
  mode: Mode,
  { keepsState, stateDir }: Pick<Options, 'keepsState' | 'stateDir'>,
  env: Environment,
  confDirs: readonly ConfLocation[],
): readonly string[] => {
  if (!keepsState) return [];
  if (stateDir !== undefined) return [resolve(stateDir)];
  const base = BASES[mode](env);
  if (base === undefined) return [];
  return placesNextTo(join(base, keyOf(mode, confDirs)));
};

/** Nobody is to go on with what is there. What can't be removed is told when it is to be used. */
export const discardStates = (places: readonly string[]): void => {
  for (const place of places) {
    try {
      rmSync(place, { recursive: true, force: true });
    } catch {
      // A read-only file system, say.
    }
  }
};
