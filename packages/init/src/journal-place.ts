import { isAbsolute, join, resolve } from 'node:path';
import { type JournalSink, openJournal, SupervisorError } from '@maverick/supervisor';
import type { Environment } from './directories.js';
import type { Mode } from './mode.js';
import type { Options } from './option-table.js';
import { ownRun, placesNextTo } from './places.js';

/** In memory where there is `/run`: there before any disk is, and never in the way when `/` is to be mounted read-only. */
const systemPlace = (_env: Environment, logDir: string | undefined): string | undefined => {
  const inLogs = logDir === undefined ? undefined : join(logDir, 'journal');
  return ownRun('journal') ?? inLogs;
};

/** @see XDG Base Directory Specification, XDG_STATE_HOME */
const userPlace = ({ XDG_STATE_HOME: xdg, HOME: home }: Environment): string | undefined => {
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'upstart/journal');
  return home !== undefined && isAbsolute(home) ? join(home, '.local/state/upstart/journal') : undefined;
};

/** Where each mode keeps its journal; nowhere, where there is no place for it. */
const PLACES = {
  system: systemPlace,
  // The disk of a container is not for what nobody asked for.
  container: () => ownRun('journal'),
  user: userPlace,
  session: userPlace,
} as const satisfies Record<Mode, (env: Environment, logDir: string | undefined) => string | undefined>;

/**
 * The directories in which the journal may be, the first that no other daemon writes to counts.
 * @returns none where none is wanted, or there is no place for one
 */
export const journalPlaces = (
  mode: Mode,
  { journal, journalDir }: Pick<Options, 'journal' | 'journalDir'>,
  env: Environment,
  logDir: string | undefined,
): readonly string[] => {
  if (!journal) return [];
  if (journalDir !== undefined) return [resolve(journalDir)];
  const first = PLACES[mode](env, logDir);
  return first === undefined ? [] : placesNextTo(first);
};

const isInUse = (error: unknown): boolean => error instanceof SupervisorError && error.code === 'JournalInUse';

/**
 * Open the journal in the first of these places that nobody else writes to.
 * @returns undefined where there is no place
 * @throws SupervisorError `JournalInUse` where all are taken; the system's error
 */
export const openFirstJournal = (places: readonly string[]): JournalSink | undefined => {
  for (const place of places) {
    try {
      return openJournal(place);
    } catch (error) {
      if (!isInUse(error) || place === places.at(-1)) throw error;
    }
  }
  return undefined;
};
