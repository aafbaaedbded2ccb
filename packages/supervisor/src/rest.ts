import type { Engine } from '@maverick/engine';
import { allJobs } from './all-jobs.js';
import type { Clock } from './clock.js';
import { forksAway } from './forks-away.js';

export interface RestPorts {
  readonly clock: Clock;
  readonly engine: Engine;
  /** Whether starts are under way that take their time. */
  readonly isStarting: () => boolean;
}

/** Waits until nothing is on its way that can't be handed over: starts that take their time, forks that are followed. */
export class Rest {
  readonly #ports: RestPorts;
  readonly #waiting: (() => void)[] = [];

  constructor(ports: RestPorts) {
    this.#ports = ports;
  }

  /** Resolves at rest, or after so long. */
  async within(limitMs: number): Promise<void> {
    const { clock } = this.#ports;
    const until = clock.now() + limitMs;
    while (this.#isRestless() && clock.now() < until) {
      await new Promise<void>((resolve) => {
        const cancel = clock.at(until, resolve);
        this.#waiting.push(() => {
          cancel();
          resolve();
        });
      });
    }
  }

  /** Something has come to rest: look whether that was the last. */
  look(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  #isRestless(): boolean {
    const { engine, isStarting } = this.#ports;
    const instances = allJobs(engine).flatMap((job) => job.instances);
    return (
      isStarting() || instances.some(({ ref, state }) => state === 'spawned' && forksAway(engine.definitionOf(ref)))
    );
  }
}
