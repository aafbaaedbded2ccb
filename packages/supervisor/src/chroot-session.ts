import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { insideFiles, isSafe, makeInside } from './inside-files.js';
import type { ProcessDefaults } from './process-spec.js';
import { sessionIdOf } from './session-id.js';
import type { PlannedSession } from './session-plan.js';

/** Where a chroot has its job files, and their output. @see init(8); spec: engine.md section 8.1 */
const CONF_DIR = 'etc/init';
const LOG_DIR = 'var/log/upstart';

const statsOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
};

/** The first directory on the way to a path, itself included, that is not safe. */
const unsafeOnWay = (path: string): string | undefined => {
  const above = dirname(path);
  const unsafe = above === path ? undefined : unsafeOnWay(above);
  if (unsafe !== undefined) return unsafe;
  const stats = statsOf(path);
  return stats === undefined || isSafe(stats) ? undefined : path;
};

const resolved = (root: string): string | undefined => {
  try {
    const path = realpathSync(root);
    return isAbsolute(root) && path !== '/' && lstatSync(path).isDirectory() ? path : undefined;
  } catch {
    return undefined;
  }
};

const refused = (code: 'NoRoot' | 'UnsafeRoot', message: string): PlannedSession => ({ ok: false, code, message });

/**
 * The session of a root directory: jobs from its `etc/init`, chrooted before anything else of them applies, and their output in
 * its `var/log/upstart`, which is made where it can be.
 * @param base what jobs of the system get, and those of the session as far as it makes sense there
 * @param env the job environment table
 */
export const chrootSession = (root: string, base: ProcessDefaults, env: readonly string[]): PlannedSession => {
  const path = resolved(root);
  if (path === undefined) return refused('NoRoot', `${root}: expected the absolute path of a directory other than /`);
  const unsafe = unsafeOnWay(path);
  if (unsafe !== undefined) {
    return refused(
      'UnsafeRoot',
      `${unsafe}: others than root can write there, and could have their own jobs run as root`,
    );
  }
  const { ino, dev } = lstatSync(path);
  return {
    ok: true,
    plan: {
      id: sessionIdOf({ kind: 'chroot', root: path }),
      kind: 'chroot',
      root: path,
      env,
      confDirs: [{ kind: 'directory', path: join(path, CONF_DIR) }],
      access: insideFiles(path),
      defaults: {
        ...withoutPam(base),
        ...(base.logDir === undefined ? {} : { logDir: `/${LOG_DIR}`, logRoot: path }),
        roots: [path],
        sessionMode: false,
        inheritsUmask: false,
      },
      isThere: () => {
        const stats = statsOf(path);
        return stats !== undefined && stats.ino === ino && stats.dev === dev;
      },
    },
  };
};

/** PAM is the system's: it knows nothing of the users in there. */
const withoutPam = ({ pamService: _, ...rest }: ProcessDefaults): ProcessDefaults => rest;

/** Make the log directory of a chroot; one that can't be made may appear later, and until then output waits in memory. */
export const makeLogDirectory = (root: string): void => {
  try {
    makeInside(root, LOG_DIR.split('/'), 0o755);
  } catch {
    // Told by whoever writes there.
  }
};
