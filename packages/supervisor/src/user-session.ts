import { lstatSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { userLocations } from '@maverick/conf';
import type { SessionLimits } from '@maverick/engine';
import { findKnownGroup, findKnownUser, type KnownUser } from '@maverick/spawner';
import { makeDirectory } from './make-directory.js';
import type { UserSessionOptions } from './options.js';
import type { ProcessDefaults } from './process-spec.js';
import { sessionIdOf } from './session-id.js';
import type { PlannedSession } from './session-plan.js';
import { type ConfigurationBounds, userFiles } from './user-files.js';
import { userRefusal } from './user-refusals.js';

/** How much a user's session may have. */
export interface UserLimits extends SessionLimits {
  /** Files that define or override jobs. */
  readonly jobs: number;
  /** Of all of them together. */
  readonly configurationBytes: number;
  /** Calls that change something, at once: an event emitted, a job started. Reading the configuration again counts as 50. */
  readonly requests: number;
  /** So many more in each second. */
  readonly requestsPerSecond: number;
}

/** More than anybody has written by hand, and little for the daemon. */
const USER_LIMITS: Required<UserLimits> = {
  jobs: 1000,
  configurationBytes: 1 << 20,
  instances: 1000,
  events: 200,
  environmentBytes: 32 << 10,
  respawns: { burst: 200, perSecond: 10 },
  requests: 1000,
  requestsPerSecond: 100,
};

/** Directories may hold other files, too. */
const ENTRIES_PER_JOB = 10;

/** Of each log; nobody else's disk space is used up by what somebody's jobs write. */
const LOG_BOUNDS = { bytes: 10 << 20, keep: 2 } as const;

const boundsOf = ({ jobs, configurationBytes }: UserLimits): ConfigurationBounds => ({
  files: jobs,
  bytes: configurationBytes,
  entries: jobs * ENTRIES_PER_JOB,
});

/** What login(1) sets, as far as it is known before a login. */
const environmentOf = ({ name, uid, home, shell }: KnownUser): string[] => {
  const runtimeDir = `/run/user/${uid}`;
  const isTheirs = lstatSync(runtimeDir, { throwIfNoEntry: false })?.uid === uid;
  return [
    `HOME=${home}`,
    `USER=${name}`,
    `LOGNAME=${name}`,
    `SHELL=${shell === '' ? '/bin/sh' : shell}`,
    ...(isTheirs ? [`XDG_RUNTIME_DIR=${runtimeDir}`] : []),
  ];
};

/** A name that is a part of paths. */
const isPlain = (name: string): boolean => name !== '' && !name.includes('/') && !name.startsWith('.');

const refused = (message: string): PlannedSession => ({ ok: false, code: 'UnknownUser', message });

const logDirOf = (logDir: string, name: string): string => {
  const own = join(logDir, 'users', name);
  try {
    // Everybody finds a file by its name, and reads their own.
    makeDirectory(own, 0o711);
  } catch {
    // Told by whoever writes there.
  }
  return own;
};

/**
 * The session of a user: jobs from the directories that `--user` has, read with the user's rights, and run as the user with a PAM
 * session and from the user's home.
 * @param base what jobs of the system get, and those of the session as far as it makes sense there
 * @param env the job environment table of the system
 */
export const userSession = (
  name: string,
  { pamService, address, limits }: UserSessionOptions,
  base: ProcessDefaults,
  env: readonly string[],
): PlannedSession => {
  const user = isPlain(name) ? findKnownUser(name) : undefined;
  if (user === undefined) return refused(`Unknown user: ${name}`);
  const locations = userLocations({ env: { HOME: user.home } });
  if (!locations.ok || !isAbsolute(user.home)) return refused(`${name} has no home directory`);
  const all = { ...USER_LIMITS, ...limits };
  const { pamService: _, logDir, ...rest } = base;
  return {
    ok: true,
    plan: {
      id: sessionIdOf({ kind: 'user', user: name }),
      kind: 'user',
      uid: user.uid,
      env: [...env, ...environmentOf(user)],
      confDirs: locations.locations,
      access: userFiles(user, boundsOf(all)),
      defaults: {
        ...rest,
        ...(logDir === undefined ? {} : { logDir: logDirOf(logDir, name) }),
        ...(pamService === undefined ? {} : { pamService }),
        console: base.console === 'none' ? 'none' : 'log',
        owner: user,
        sessionMode: false,
        inheritsUmask: false,
        logBounds: LOG_BOUNDS,
        env: address === undefined ? [] : [`UPSTART_SESSION=${address}`],
      },
      refusal: (definition) => userRefusal(definition, { ...user, gidOf: findKnownGroup }),
      limits: {
        instances: all.instances,
        events: all.events,
        environmentBytes: all.environmentBytes,
        respawns: all.respawns,
      },
      requests: { burst: all.requests, perSecond: all.requestsPerSecond },
      isThere: () => findKnownUser(name)?.uid === user.uid,
    },
  };
};
