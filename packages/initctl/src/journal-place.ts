import { accessSync, constants } from 'node:fs';
import type { UpstartClient } from '@maverick/dbus/client';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { isGone } from './instance-status.js';

/** Where the journal is read: in its files, or, by whoever may not, through the daemon. */
export type JournalPlace =
  | { readonly kind: 'files'; readonly dir: string; readonly upstart?: UpstartClient }
  | { readonly kind: 'daemon'; readonly upstart: UpstartClient };

const isReadable = (dir: string): boolean => {
  try {
    accessSync(dir, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Older ones are a journal, too. */
const hasFiles = async (dir: string): Promise<boolean> => (await import('@maverick/graph')).journalAges(dir).length > 0;

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** An older daemon of ours has a journal and does not say where. */
const isOlder = (error: unknown): boolean => isGone(error) || isNamed(error, 'org.freedesktop.DBus.Error.NotSupported');

const placeOf = async (upstart: UpstartClient, isLive: boolean): Promise<string | undefined> => {
  try {
    return await upstart.init1.journalPlace();
  } catch (error) {
    const isNone = isNamed(error, 'org.maverick.Init1.Error.NoJournal');
    if (isOlder(error) || (isNone && isLive)) return undefined;
    throw isNone ? new InitctlError('no-journal-kept', {}, { cause: error }) : error;
  }
};

/**
 * Find the journal: in the directory that `--journal-dir` names, else where the daemon says that it is.
 * @param isLive what comes is wanted: that is told by a daemon that keeps no journal, too
 * @throws InitctlError `cannot-connect`, `no-journal`, `no-journal-kept`; the daemon's error for whoever may not know it
 */
export const journalPlace = async (context: CommandContext, isLive = false): Promise<JournalPlace> => {
  const dir = context.options.get('journal-dir');
  if (dir !== undefined) {
    if (!isReadable(dir) || !(await hasFiles(dir))) throw new InitctlError('no-journal', { dir });
    return { kind: 'files', dir };
  }
  const upstart = await context.connect();
  const told = await placeOf(upstart, isLive);
  return told !== undefined && isReadable(told) ? { kind: 'files', dir: told, upstart } : { kind: 'daemon', upstart };
};
