import type { Clock } from './clock.js';
import type { EngineLoop } from './engine-loop.js';
import type { InstanceGroups } from './instance-groups.js';
import type { Leftovers } from './leftovers.js';
import type { Requests } from './requests.js';
import type { RunState } from './run-state.js';
import type { Timers } from './timers.js';

export interface EndingPorts {
  readonly clock: Clock;
  readonly loop: EngineLoop;
  readonly timers: Timers;
  readonly leftovers: Leftovers;
  readonly groups: InstanceGroups;
  readonly state: RunState | undefined;
  readonly requests: Requests;
  readonly warn: (message: string) => void;
}

/** Has the engine end all jobs, then ends what they left. */
export class Ending {
  readonly #ports: EndingPorts;
  /** Settles when the engine has nothing left to end: of an end that an earlier supervisor had begun maybe before {@link run}. */
  readonly #quiesced: Promise<void>;
  #settle: () => void = () => {};
  #isQuiesced = false;

  constructor(ports: EndingPorts) {
    this.#ports = ports;
    this.#quiesced = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /**
   * End everything; after that nothing happens any more. Where everything was let go of before there is nothing to end.
   * @param withinMs what is not down by then is killed. Default: no limit
   */
  async run(type: 'shutdown' | 'logout', withinMs?: number): Promise<void> {
    const { loop, timers, leftovers, groups, state, requests } = this.#ports;
    if (loop.stopped && !this.#isQuiesced) return;
    const cancel = withinMs === undefined ? undefined : this.#stopIn(withinMs);
    loop.send({ kind: 'quiesce', type });
    await this.#quiesced;
    cancel?.();
    timers.clearAll();
    await leftovers.end();
    groups.end();
    state?.remove();
    requests.close();
  }

  /** The engine has nothing left to end. What came after this could only start something again. */
  stopLoop(): void {
    this.#ports.loop.stop();
    this.#isQuiesced = true;
    this.#settle();
  }

  /** Leave the jobs no more time than this. Returns what cancels it. */
  #stopIn(withinMs: number): () => void {
    const { clock, warn } = this.#ports;
    return clock.at(clock.now() + withinMs, () => {
      warn('Jobs are still there at the end of the time that they had: they are killed');
      this.stopLoop();
    });
  }
}
