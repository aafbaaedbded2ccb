import { chainOf, link, type Origin, type Reason, reasonOf } from './origin.js';

/** An index into the snapshot's list of origins. */
export type OriginIndex = number;

/** A reason, and where what lies behind it stands in the list. */
export interface OriginSnapshot {
  readonly reason: Reason;
  readonly because?: OriginIndex | undefined;
}

/** Gives each origin a number once, however many things share it. */
export class OriginTable {
  readonly all: OriginSnapshot[] = [];
  readonly #indices = new Map<Origin, OriginIndex>();

  indexOf(origin: Origin | undefined): OriginIndex | undefined {
    for (const step of chainOf(origin).reverse()) {
      if (this.#indices.has(step)) continue;
      const because = step.because && this.#indices.get(step.because);
      this.#indices.set(step, this.all.push({ reason: reasonOf(step), because }) - 1);
    }
    return origin && this.#indices.get(origin);
  }
}

/** The origins of a snapshot, by number. */
export const restoreOrigins = (saved: readonly OriginSnapshot[]): readonly Origin[] => {
  const origins: Origin[] = [];
  for (const { reason, because } of saved) origins.push(link(reason, origins[because ?? -1]));
  return origins;
};
