import type { WaitNode } from './effect.js';
import { Engine } from './engine.js';
import type { HoldingCondition } from './explanation.js';
import { type InstanceRef, SYSTEM } from './input.js';
import type { JobState } from './job-state.js';
import type { EngineSnapshot } from './snapshot.js';

/** Where an instance is held for ever. */
export interface StuckPlace {
  readonly instance: InstanceRef;
  /** The state that it does not leave. */
  readonly where: JobState;
  /** Who holds it: jobs that are at work for its hook, and conditions that it has met half of. */
  readonly heldBy: readonly WaitNode[];
  readonly conditions: readonly HoldingCondition[];
}

interface Held {
  readonly instance: InstanceRef;
  readonly state: JobState;
}

const heldIn = ({ sessions }: EngineSnapshot): Held[] =>
  sessions.flatMap(({ classes }) =>
    classes.flatMap(({ name: job, instances }) =>
      instances.flatMap(({ name: instance, state, blocker }) =>
        blocker === undefined || state === undefined ? [] : [{ instance: { session: SYSTEM, job, instance }, state }],
      ),
    ),
  );

const keyOf = ({ instance, state }: Held): string => JSON.stringify([instance.job, instance.instance, state]);

/** All that can be come from to any of these, themselves included. */
const backFrom = (goals: Iterable<number>, before: readonly (readonly number[])[]): ReadonlySet<number> => {
  const seen = new Set(goals);
  for (const state of seen) for (const earlier of before[state] ?? []) seen.add(earlier);
  return seen;
};

const whatHolds = (snapshot: EngineSnapshot, { job, instance, session }: InstanceRef) => {
  const explained = Engine.restore(snapshot).explain({ session, job, instance });
  const awaits = explained?.kind === 'instance' ? explained.awaits : undefined;
  return awaits?.kind === 'hook' ? awaits : { heldBy: [], conditions: [] };
};

/**
 * The places in which an instance is held and from which no sequence leads on. Of a state that was not gone on from it is
 * not known, and so not said.
 * @param snapshots the states, the nearest first
 * @param next what follows each
 * @returns each place once, with the first state in which it is met
 */
export const stuckPlaces = (
  snapshots: readonly EngineSnapshot[],
  next: readonly (readonly number[] | undefined)[],
): (StuckPlace & { readonly state: number })[] => {
  const before: number[][] = snapshots.map(() => []);
  for (const [from, states] of next.entries()) for (const to of states ?? []) before[to]?.push(from);
  const places = new Map<string, { readonly held: Held; readonly states: number[] }>();
  for (const [index, snapshot] of snapshots.entries()) {
    for (const held of heldIn(snapshot)) {
      const place = places.get(keyOf(held)) ?? { held, states: [] };
      place.states.push(index);
      places.set(keyOf(held), place);
    }
  }
  const unknown = next.flatMap((states, index) => (states === undefined ? [index] : []));
  return [...places.values()].flatMap(({ held, states }) => {
    const inPlace = new Set(states);
    const free = snapshots.flatMap((_snapshot, index) => (inPlace.has(index) ? [] : [index]));
    const good = backFrom([...free, ...unknown], before);
    const first = states.find((state) => !good.has(state));
    const snapshot = first === undefined ? undefined : snapshots[first];
    if (first === undefined || !snapshot) return [];
    const { heldBy, conditions } = whatHolds(snapshot, held.instance);
    return [{ instance: held.instance, where: held.state, state: first, heldBy, conditions }];
  });
};
