import { cyclicGroups, shortestWay } from '@maverick/conf';
import type { Move } from './moves.js';

/** What follows a state. */
export interface Step {
  readonly to: number;
  readonly move: Move;
  /** Jobs that it starts by an event or a state, and not by a command for them. */
  readonly starts: readonly string[];
  /** A job that has failed comes again by `respawn`, with the limit that this has. */
  readonly respawns: boolean;
}

/** Jobs that start each other, or one that starts itself, again and again as their processes end well. */
export interface RestartLoop {
  readonly jobs: readonly string[];
  /** The state in which it begins. */
  readonly state: number;
  /** What happens from there until it has come back. */
  readonly round: readonly Move[];
}

/** A process ends as it should, or is ready: what comes about by itself, and without a limit. */
const goesOn = ({ move, respawns }: Step): boolean => move.kind === 'process' && move.does !== 'fails' && !respawns;

type Graph = ReadonlyMap<number, ReadonlySet<number>>;

const movesAlong = (way: readonly number[], steps: ReadonlyMap<number, readonly Step[]>): Move[] =>
  way.slice(1).flatMap((to, index) => {
    const step = steps.get(way[index] ?? -1)?.find((one) => one.to === to);
    return step ? [step.move] : [];
  });

const loopIn = (
  group: readonly number[],
  steps: ReadonlyMap<number, readonly Step[]>,
  edges: Graph,
): RestartLoop | undefined => {
  const members = new Set(group);
  const inner = group.flatMap((state) => (steps.get(state) ?? []).map((step) => ({ state, step })));
  const starting = inner.filter(({ step }) => step.starts.length > 0 && members.has(step.to));
  const [first] = starting;
  const back = first && shortestWay(first.step.to, first.state, edges);
  if (!first || !back) return undefined;
  return {
    jobs: [...new Set(starting.flatMap(({ step }) => step.starts))].sort(),
    state: first.state,
    round: [first.step.move, ...movesAlong(back, steps)],
  };
};

/**
 * The ways in which jobs start again without end, in time: a process ends, and because of that a job starts, until all is as it was.
 * @param next what follows each state, the nearest state first
 * @returns each set of jobs once, and none that a smaller one is part of
 */
export const restartLoops = (next: readonly (readonly Step[] | undefined)[]): readonly RestartLoop[] => {
  const steps = new Map(next.map((all, state) => [state, (all ?? []).filter(goesOn)]));
  const edges: Graph = new Map([...steps].map(([state, all]) => [state, new Set(all.map(({ to }) => to))]));
  const loops = cyclicGroups(edges).flatMap((group) => loopIn(group, steps, edges) ?? []);
  const smallest: RestartLoop[] = [];
  for (const loop of loops.sort((a, b) => a.jobs.length - b.jobs.length || a.state - b.state)) {
    const names = new Set(loop.jobs);
    if (!smallest.some(({ jobs }) => jobs.every((job) => names.has(job)))) smallest.push(loop);
  }
  return smallest.sort((a, b) => a.state - b.state);
};
