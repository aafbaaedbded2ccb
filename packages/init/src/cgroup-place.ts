import { createCgroup } from '@maverick/spawner';
import { type CgroupOptions, delegatedCgroups } from '@maverick/supervisor';
import type { Options } from './option-table.js';

/**
 * Where jobs have their control groups: below the directory that is named, one for each instance; else below the daemon's own
 * group, where that is writable, for the jobs that ask for one.
 * @returns undefined where there are none
 * @throws SystemError where the directory that is named is no cgroup v2 that can be written in
 */
export const cgroupPlace = ({
  cgroups,
  cgroupDir,
}: Pick<Options, 'cgroups' | 'cgroupDir'>): CgroupOptions | undefined => {
  if (!cgroups) return undefined;
  if (cgroupDir === undefined) return delegatedCgroups();
  createCgroup(cgroupDir);
  return { root: cgroupDir };
};
