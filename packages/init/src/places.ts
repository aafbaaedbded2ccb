import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './directories.js';
import type { Mode } from './mode.js';

/** So many daemons of one kind may each have a place of their own at a time. */
const MOST_AT_ONCE = 8;

/** Where the system's init keeps what must not outlast a boot. */
const RUN = '/run';

const isMountPoint = (path: string): boolean => {
  try {
    return statSync(path).dev !== statSync('/').dev;
  } catch {
    return false;
  }
};

/** A place below `/run`; undefined where that lies on `/`, and would keep it from being mounted read-only. */
export const ownRun = (name: string): string | undefined =>
  isMountPoint(RUN) ? join(RUN, 'upstart', name) : undefined;

/** Where what is not to outlast a boot may lie; undefined where there is no such place. */
export const runtimeDir = (mode: Mode, { XDG_RUNTIME_DIR: dir }: Environment): string | undefined =>
  mode === 'system' || mode === 'container' ? (process.getuid?.() === 0 ? RUN : undefined) : dir || undefined;

/** A place and those that are taken in its stead while other daemons have it: `PLACE`, `PLACE.2` … */
export const placesNextTo = (first: string): readonly string[] =>
  Array.from({ length: MOST_AT_ONCE }, (_, index) => (index === 0 ? first : `${first}.${index + 1}`));
