import type { JobDefinition } from '@maverick/conf';
import type { KnownUser } from '@maverick/spawner';
import type { JobRefusal } from './live-configuration.js';

/** Of whom the job would be, and the groups that they are in. */
interface Owner extends Pick<KnownUser, 'name' | 'groups'> {
  /** The number of a group of the system. */
  readonly gidOf: (group: string) => number | undefined;
}

/**
 * The settings that need more rights than a user has, or that we would apply with ours: why a user's job may not have them.
 * Limits, niceness and directory are not here: they are applied with the user's own rights.
 */
const REFUSALS = {
  setuid: ({ setuid }, { name }) =>
    setuid === undefined || setuid === name ? undefined : `setuid ${setuid}: it runs as ${name}, and nobody else`,
  setgid: ({ setgid }, { name, groups, gidOf }) => {
    const gid = setgid === undefined ? undefined : gidOf(setgid);
    const isTheirs = gid !== undefined && groups.includes(gid);
    return setgid === undefined || isTheirs ? undefined : `setgid ${setgid}: ${name} is not in this group`;
  },
  chroot: ({ chroot }) => (chroot === undefined ? undefined : 'chroot: only root can change the root directory'),
  console: ({ console }) =>
    console === 'output' || console === 'owner' ? `console ${console}: the console is the system's` : undefined,
  oomScore: ({ oomScore = 0 }) => (oomScore < 0 ? 'oom score: it can only be raised' : undefined),
  apparmorSwitch: ({ apparmorSwitch }) =>
    apparmorSwitch === undefined ? undefined : "apparmor switch: profiles are the system's",
  processes: ({ processes }) =>
    processes.security === undefined ? undefined : "apparmor load: profiles are the system's",
  cgroups: ({ cgroups }) => (cgroups.length === 0 ? undefined : "cgroup: control groups are the system's to set"),
} as const satisfies {
  readonly [setting in keyof JobDefinition]?: (definition: JobDefinition, owner: Owner) => string | undefined;
};

/** Why a user's session may not have a job of this definition; undefined where it may. */
export const userRefusal = (definition: JobDefinition, owner: Owner): JobRefusal | undefined => {
  for (const refuse of Object.values(REFUSALS)) {
    const reason = refuse(definition, owner);
    if (reason !== undefined) return { code: 'NotForUsers', message: `Not for a user's job: ${reason}` };
  }
  return undefined;
};
