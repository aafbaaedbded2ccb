import { type CgroupController, type EnvLookup, expand, lookupIn } from '@maverick/conf';
import { type InstanceRef, SYSTEM } from '@maverick/engine';
import { CgroupError, type CgroupWrite, controllerOf, convertSettings } from './cgroup-table.js';

/** The groups of an instance below the subtree that we were given. */
export interface CgroupPlan {
  /** Where its processes go; relative, with `/`. */
  readonly group: string;
  /** Where the settings are written: the group itself, or a named one above it that several may share. */
  readonly settingsGroup: string;
  /** Controllers to be switched on for `settingsGroup`. */
  readonly controllers: readonly string[];
  readonly writes: readonly CgroupWrite[];
}

/** The variable that stands for the group of an instance. */
const OWN_NAME = 'UPSTART_CGROUP';

const fileName = (name: string): string => name.replaceAll('/', '_');

/** `JOB`, or `JOB-INSTANCE`: as the log file, with `/` as `_`; of a session `SESSION:` before it. @see spec: engine.md 5.3 */
export const groupNameOf = ({ session, job, instance }: InstanceRef): string => {
  const name = instance === '' ? job : `${job}-${instance}`;
  return fileName(session === SYSTEM ? name : `${session}:${name}`);
};

const expanded = (text: string, lookup: EnvLookup): string => {
  const result = expand(text, lookup);
  if (result.ok) return result.value;
  throw new CgroupError('bad-value', `${text}: ${result.error.message}`);
};

/** Neither out of the subtree, nor a file of the kernel's. */
const checkedName = (name: string): string => {
  const words = name.split('/').filter((word) => word !== '');
  if (words.length === 0 || words.some((word) => word === '..' || word === '.' || word.startsWith('cgroup.'))) {
    throw new CgroupError('bad-value', `'${name}' can't be the name of a cgroup`);
  }
  return words.join('/');
};

/**
 * What the `cgroup` stanzas of a job mean for one instance. v2 has one hierarchy: a process is in one group for all controllers.
 * So one name beside the instance's own may be given; the instance's group lies below it.
 * @param env the environment of the process, `KEY=VALUE`, for the variables in names and values
 * @throws CgroupError
 */
export const planCgroup = (
  cgroups: readonly CgroupController[],
  instance: InstanceRef,
  env: readonly string[],
): CgroupPlan => {
  const own = groupNameOf(instance);
  const variables = lookupIn([...env, `${OWN_NAME}=${own}`]);
  const names = new Set<string>();
  const controllers = new Set<string>();
  const writes: CgroupWrite[] = [];
  for (const { controller, names: groups } of cgroups) {
    const real = controllerOf(controller);
    if (real !== undefined) controllers.add(real);
    for (const { name, settings } of groups) {
      names.add(checkedName(expanded(name, variables)));
      writes.push(
        ...convertSettings(
          controller,
          settings.map(([key, value]) => [key, expanded(value, variables)]),
        ),
      );
    }
  }
  if (names.size > 1) {
    const list = [...names].join(', ');
    throw new CgroupError('two-groups', `in cgroup v2 a process is in one group only, not in each of ${list}`);
  }
  const [settingsGroup = own] = names;
  const group = settingsGroup === own ? own : `${settingsGroup}/${own}`;
  return { group, settingsGroup, controllers: [...controllers], writes };
};
