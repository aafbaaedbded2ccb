import type { Moment, SupervisorEvent, SupervisorListener } from './event.js';

/** Who listens to a supervisor. */
export class Listeners {
  readonly #listeners = new Set<SupervisorListener>();

  /** Returns what ends the subscription. */
  add(listener: SupervisorListener): () => void {
    // A wrapper of its own, so that a function that subscribes twice is called twice and can leave once.
    const entry: SupervisorListener = (event, moment) => listener(event, moment);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  publish(event: SupervisorEvent, moment: Moment): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, moment);
      } catch (error) {
        // A listener that fails at the news of a failure is not told of that one, too.
        if (event.kind !== 'fault')
          this.publish({ kind: 'fault', during: `a listener to ${event.kind}`, error }, moment);
      }
    }
  }
}
