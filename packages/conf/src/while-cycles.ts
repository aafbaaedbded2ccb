/** Cycles of `while`: jobs of which each runs only as long as the next one does. */

import { leavesOf } from './expression-tree.js';
import type { CheckedJob } from './known-events.js';

interface Visit {
  readonly name: string;
  /** Its place in the order of discovery, and the first place that it leads back to. */
  readonly order: number;
  low: number;
  readonly next: Iterator<string>;
}

const namesIn = ({ definition }: CheckedJob): ReadonlySet<string> =>
  new Set(leavesOf(definition.while).map(({ job }) => job));

/**
 * The groups of jobs that lead back to themselves by their `while`, each in the order of the jobs.
 * Tarjan's strongly connected components, without recursion.
 */
export const whileCycles = (jobs: readonly CheckedJob[]): readonly (readonly string[])[] => {
  const edges = new Map(jobs.map((job) => [job.name, namesIn(job)]));
  const visits = new Map<string, Visit>();
  const open: Visit[] = [];
  const isOpen = new Set<string>();
  const cycles: string[][] = [];

  const visit = (name: string): Visit => {
    const next = (edges.get(name) ?? new Set<string>()).values();
    const entered = { name, order: visits.size, low: visits.size, next };
    visits.set(name, entered);
    open.push(entered);
    isOpen.add(name);
    return entered;
  };
  const close = ({ name, order, low }: Visit): void => {
    if (low !== order) return;
    const group = open.splice(open.findIndex((member) => member.name === name)).map((member) => member.name);
    for (const member of group) isOpen.delete(member);
    if (group.length > 1 || edges.get(name)?.has(name)) cycles.push(group);
  };
  const walk = (root: string): void => {
    const path = [visit(root)];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { value: name, done } = top.next.next();
      const known = done ? undefined : visits.get(name);
      if (done) {
        path.pop();
        const below = path.at(-1);
        if (below) below.low = Math.min(below.low, top.low);
        close(top);
      } else if (!known && edges.has(name)) path.push(visit(name));
      else if (known && isOpen.has(name)) top.low = Math.min(top.low, known.order);
    }
  };

  for (const { name } of jobs) if (!visits.has(name)) walk(name);
  const places = new Map(jobs.map(({ name }, index) => [name, index]));
  const place = (name: string): number => places.get(name) ?? 0;
  return cycles
    .map((group) => group.sort((a, b) => place(a) - place(b)))
    .sort(([a = ''], [b = '']) => place(a) - place(b));
};
