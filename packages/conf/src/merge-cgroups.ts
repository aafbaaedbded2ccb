/** Control groups merge by controller, name and key. */

import type { CgroupController } from './job-conf.js';

type Settings = Map<string, string>;

/**
 * Lay the second list over the first: the same controller, name and key replaces the value in its place; anything else
 * is appended. A name without settings adds nothing to one that is there.
 */
export const mergeCgroups = (
  base: readonly CgroupController[],
  over: readonly CgroupController[],
): readonly CgroupController[] => {
  const controllers = new Map<string, Map<string, Settings>>();
  for (const { controller, names } of [...base, ...over]) {
    const groups = controllers.get(controller) ?? new Map<string, Settings>();
    controllers.set(controller, groups);
    for (const { name, settings } of names) {
      const group = groups.get(name) ?? new Map<string, string>();
      groups.set(name, group);
      for (const [key, value] of settings) group.set(key, value);
    }
  }
  return [...controllers].map(([controller, groups]) => ({
    controller,
    names: [...groups].map(([name, settings]) => ({ name, settings: [...settings] })),
  }));
};
