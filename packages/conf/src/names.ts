/**
 * Which files of a configuration directory count, and the names that they give to jobs.
 *
 * @see specification of the language, section 5.3
 */

/** What a file is for: it defines a job, or it overrides a definition. */
export type ConfFileKind = 'conf' | 'override';

const EXTENSION = /.\.(conf|override)$/;

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * What a file with this name or path is for, by its extension.
 * Hidden files count for nothing: editors and file systems leave them behind (the original loads them, its bug B18).
 */
export const confFileKind = (path: string): ConfFileKind | undefined => {
  const name = baseName(path);
  if (name.startsWith('.')) return undefined;
  const extension = EXTENSION.exec(name)?.[1];
  return extension === 'conf' || extension === 'override' ? extension : undefined;
};

/** Whether a file with this name or path defines a job. */
export const isConfFile = (path: string): boolean => confFileKind(path) === 'conf';

/** Whether a file with this name or path overrides a definition. */
export const isOverrideFile = (path: string): boolean => confFileKind(path) === 'override';

/** Directories of version control systems, and what editors and package managers leave behind. */
const IGNORED_DIRECTORIES: readonly RegExp[] = [
  /^\./,
  /(?:~|\.bak|\.BAK|\.swp|\.swo|\.swn|,v)$/,
  /^#.*#$/,
  /^(?:RCS|CVS|CVS\.adm|SCCS|BitKeeper|\{arch\}|_darcs)$/,
  /\.(?:dpkg-|rpmsave|rpmorig|rpmnew)[^.]*$/,
  /;[0-9A-Fa-f]{8}$/,
];

/** Whether a sub-directory with this name, without its path, is searched for files. */
export const isEnteredDirectory = (name: string): boolean =>
  name !== '' && !IGNORED_DIRECTORIES.some((pattern) => pattern.test(name));

/** Whether a file at this path below a configuration directory counts: itself, and every directory above it. */
export const isLoadedPath = (path: string): boolean =>
  confFileKind(path) !== undefined && path.split('/').slice(0, -1).every(isEnteredDirectory);

/**
 * The name of the job that a file defines or overrides.
 * @param path relative to its configuration directory, with `/`: `net/web.conf` is the job `net/web`
 */
export const jobNameOf = (path: string): string => path.replace(/\.(?:conf|override)$/, '');
