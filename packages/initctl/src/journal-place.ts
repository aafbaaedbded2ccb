import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UpstartClient } from '@maverick/dbus/client';
import { journalFileName } from '@maverick/engine';
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

const NOT_SUPPORTED = 'org.freedesktop.DBus.Error.NotSupported';

/** An older daemon of ours has a journal and does not say where. */
const placeOf = async (upstart: UpstartClient): Promise<string | undefined> => {
  try {
    return await upstart.init1.journalPlace();
  } catch (error) {
    if (isGone(error) || (error instanceof Error && error.name === NOT_SUPPORTED)) return undefined;
    throw error;
  }
};

/**
 * Find the journal: in the directory that `--journal-dir` names, else where the daemon says that it is.
 * @throws InitctlError `cannot-connect`; the daemon's error for whoever may not know it
 */
export const journalPlace = async (context: CommandContext): Promise<JournalPlace> => {
  const dir = context.options.get('journal-dir');
  if (dir !== undefined) {
    if (!isReadable(dir) || !existsSync(join(dir, journalFileName(0)))) throw new InitctlError('no-journal', { dir });
    return { kind: 'files', dir };
  }
  const upstart = await context.connect();
  const told = await placeOf(upstart);
  return told !== undefined && isReadable(told) ? { kind: 'files', dir: told, upstart } : { kind: 'daemon', upstart };
};
