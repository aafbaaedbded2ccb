import type { JobDefinition } from '@maverick/conf';
import { compileDefinition } from './definition.js';
import { isAbout, JOB_EVENTS } from './explain-condition.js';

/** Jobs can do something to each other only by the events of their lives and by `while`. */
const influences = (definition: JobDefinition, names: readonly string[]): string[] => {
  const { startOn, stopOn, while: states } = compileDefinition(definition);
  const operands = [...(startOn?.operands ?? []), ...(stopOn?.operands ?? [])];
  return [
    ...operands
      .filter(({ name }) => JOB_EVENTS.has(name))
      .flatMap((operand) => names.filter((name) => isAbout(operand, name))),
    ...(states?.terms.map(({ job }) => job) ?? []),
  ];
};

/** Groups of jobs, each of which nothing in another group can influence. In the order of their first jobs. */
export const influenceGroups = (jobs: Readonly<Record<string, JobDefinition>>): ReadonlySet<string>[] => {
  const names = Object.keys(jobs);
  const groupOf = new Map(names.map((name) => [name, new Set([name])]));
  for (const [name, definition] of Object.entries(jobs)) {
    for (const other of influences(definition, names)) {
      const [one, two] = [groupOf.get(name), groupOf.get(other)];
      if (!one || !two || one === two) continue;
      for (const member of two) {
        one.add(member);
        groupOf.set(member, one);
      }
    }
  }
  return [...new Set(groupOf.values())];
};
