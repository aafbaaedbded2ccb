import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ConfLocation, systemLocations, userLocations } from '@maverick/conf';
import type { JobProperties, SessionInfo } from '@maverick/dbus/client';
import type { CommandContext } from './command.js';
import { foreignSession, nameOf, namesSession } from './daemon-session.js';
import { InitctlError } from './errors.js';

/** The files of a job. */
export interface JobPaths {
  readonly name: string;
  /** Its `.conf`. */
  readonly file: string;
  /** The override that is in force, or the one to be made. */
  readonly override: string;
  readonly hasOverride: boolean;
}

/** The job's name in a path: nothing may lead out of the directory. */
const isPlainName = (name: string): boolean =>
  name !== '' && !name.startsWith('/') && !name.split('/').some((part) => part === '' || part.startsWith('.'));

const locationsOf = ({ occurrences, env, uid, isUserSession }: CommandContext): readonly ConfLocation[] => {
  const confdirs = occurrences.get('confdir') ?? [];
  if (confdirs.length > 0) return confdirs.map((path) => ({ kind: 'directory', path }));
  const variables = { ...env };
  if (uid === 0 && !isUserSession()) return systemLocations({ env: variables });
  const places = userLocations({ env: variables });
  return places.ok ? places.locations : systemLocations({ env: variables });
};

const canWrite = (directory: string): boolean => {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Beside the job's file; where that is not the caller's to write to, in the first place that is looked at before. */
const newOverride = (name: string, file: string, directories: readonly string[]): string => {
  const beside = file.replace(/\.conf$/, '.override');
  if (canWrite(dirname(beside))) return beside;
  const own = directories.findIndex((directory) => file === join(directory, `${name}.conf`));
  const above = directories.slice(0, Math.max(own, 0)).find((path) => canWrite(path) || canWrite(dirname(path)));
  return above === undefined ? beside : join(above, `${name}.override`);
};

/** As the daemon finds them: the first directory with the job, and the first from the top down to it with an override. */
const findOnDisk = (name: string, directories: readonly string[]): JobPaths => {
  const place = directories.findIndex((directory) => existsSync(join(directory, `${name}.conf`)));
  const directory = directories[place];
  if (directory === undefined)
    throw new InitctlError('unknown-job-file', { job: name, places: directories.join(', ') });
  const file = join(directory, `${name}.conf`);
  const overrides = directories.slice(0, place + 1).map((path) => join(path, `${name}.override`));
  const override = overrides.find((path) => existsSync(path));
  return {
    name,
    file,
    override: override ?? newOverride(name, file, directories),
    hasOverride: override !== undefined,
  };
};

/** How the files of another's session can be changed: by whoever may, where a link leads no further than they may go. */
const WAYS_INTO: Readonly<Record<string, (session: SessionInfo) => string>> = {
  chroot: ({ root }) => `run chroot ${root} initctl ...`,
  user: ({ id }) => `run runuser -u ${id.replace(/^user:/, '')} -- initctl ...`,
};

/**
 * Whoever may write in the directories of a session can put a link there, to a file of the system.
 * @throws InitctlError `files-of-another-session`
 */
const refuseForeign = async (context: CommandContext): Promise<void> => {
  if (!namesSession(context.options)) return;
  const session = await foreignSession(await context.connect(), context.options);
  if (session === undefined) return;
  const way = WAYS_INTO[session.kind]?.(session) ?? 'run initctl there';
  throw new InitctlError('files-of-another-session', { session: nameOf(session), way });
};

/** What the daemon says; undefined where there is none, or one that does not tell. */
const askDaemon = async (context: CommandContext, name: string): Promise<JobProperties | undefined> => {
  if (context.options.has('confdir')) return undefined;
  try {
    const upstart = await context.connect();
    return await upstart.job(name).properties();
  } catch (error) {
    // A job that it has not read yet, or can not read, may have its files all the same.
    if (error instanceof InitctlError && error.code !== 'cannot-connect') throw error;
    return undefined;
  }
};

/**
 * Where the files of a job are: the daemon is asked, for its options decide. Without one the usual places are looked at, or
 * those of `--confdir`.
 * @throws InitctlError `unknown-job-file`, `job-without-file`, `files-of-another-session`
 */
export const findJobFiles = async (context: CommandContext): Promise<JobPaths> => {
  const [name] = context.operands;
  if (name === undefined) throw new InitctlError('missing-job-name', {});
  if (!isPlainName(name)) throw new InitctlError('unknown-job-file', { job: name, places: 'any directory' });
  await refuseForeign(context);
  const directories = locationsOf(context).flatMap(({ kind, path }) => (kind === 'file' ? [] : [path]));
  const known = await askDaemon(context, name);
  if (known?.file === undefined) return findOnDisk(name, directories);
  if (known.file === '') throw new InitctlError('job-without-file', { job: name });
  // A broken override is not in force, and is the one to be mended.
  const stale = known.staleBecauseOf?.endsWith('.override') ? known.staleBecauseOf : undefined;
  const override = stale || known.overrideFile || newOverride(name, known.file, directories);
  return { name, file: known.file, override, hasOverride: existsSync(override) };
};
