import type { JobDefinition, ProcessRole } from '@maverick/conf';
import type { ProcessSpec } from '@maverick/spawner';
import type { ProcessDefaults } from './process-spec.js';

const PROGRAM = 'systemd-tmpfiles';

/** Where the program is looked for besides the job's own PATH: it belongs to the system, not to the job. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The process before which files are made: the first of a run. */
const isFirst = ({ processes }: JobDefinition, role: ProcessRole): boolean =>
  role === (processes['pre-start'] === undefined ? 'main' : 'pre-start');

/**
 * What makes the files of `tmpfiles` before a process; undefined where that process needs none. It runs as we do, with none of
 * the job's settings, but in its session's root and as its
 * session's user: the files are for the job to find.
 * @see systemd-tmpfiles(8)
 */
export const tmpfilesSpec = (
  definition: JobDefinition,
  role: ProcessRole,
  env: readonly string[],
  { roots, owner }: Pick<ProcessDefaults, 'roots' | 'owner'> = {},
): ProcessSpec | undefined => {
  const { tmpfiles } = definition;
  if (tmpfiles.length === 0 || !isFirst(definition, role)) return undefined;
  const path = env.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length);
  return {
    argv: [PROGRAM, '--create', ...tmpfiles],
    env: [`PATH=${path === undefined ? SYSTEM_PATH : `${path}:${SYSTEM_PATH}`}`],
    console: { kind: 'none' },
    ...(roots === undefined ? {} : { chroot: roots }),
    ...(owner === undefined ? {} : { user: owner.name, ownRights: true, cwd: '/' }),
  };
};
