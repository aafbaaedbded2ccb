import type { Effect, Engine, Input } from '@maverick/engine';
import type { Clock } from './clock.js';
import type { Moment } from './event.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;
/** An {@link Input} before the loop has given it its time. */
export type UnstampedInput = WithoutTime<Input>;

export interface EngineLoopPorts {
  readonly clock: Clock;
  /** Told of each input, before it is dispatched. */
  readonly taken: (input: Input, moment: Moment) => void;
  readonly perform: (effect: Effect, moment: Moment) => void;
  /** All effects of an input have been performed. */
  readonly performed?: () => void;
  /** Nothing is left of what was sent. */
  readonly settled?: () => void;
  readonly fault: (during: string, error: unknown, moment: Moment) => void;
}

/**
 * Feeds an engine, one input at a time, and has its effects performed in order. What performing an effect brings about
 * is queued and dispatched when all effects of the present input are done: never in between.
 */
export class EngineLoop {
  readonly #engine: Pick<Engine, 'dispatch'>;
  readonly #ports: EngineLoopPorts;
  #queue: UnstampedInput[] = [];
  #draining = false;
  #stopped = false;

  constructor(engine: Pick<Engine, 'dispatch'>, ports: EngineLoopPorts) {
    this.#engine = engine;
    this.#ports = ports;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Take nothing more, not even what is queued. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
  }

  /** Take an input to its end, or leave it to the drain that is under way. */
  send(input: UnstampedInput): void {
    if (this.#stopped) return;
    this.#queue.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      // The queue grows while it is walked.
      for (let next = 0; next < this.#queue.length; next += 1) this.#take(this.#queue[next]);
    } finally {
      this.#queue = [];
      this.#draining = false;
    }
    const { clock, settled } = this.#ports;
    if (settled !== undefined) this.#contained('telling', { at: clock.now(), wall: clock.wall() }, settled);
  }

  #take(unstamped: UnstampedInput | undefined): void {
    if (unstamped === undefined) return;
    const { clock, taken, perform, performed } = this.#ports;
    const moment: Moment = { at: clock.now(), wall: clock.wall() };
    const input: Input = { ...unstamped, at: moment.at };
    this.#contained('taking an input', moment, () => taken(input, moment));
    const effects = this.#contained('an input', moment, () => this.#engine.dispatch(input)) ?? [];
    for (const effect of effects) this.#contained(effect.kind, moment, () => perform(effect, moment));
    if (performed !== undefined) this.#contained('starting processes', moment, performed);
  }

  /** One failure loses one thing only: the inputs and effects behind it go on. */
  #contained<T>(during: string, moment: Moment, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#ports.fault(during, error, moment);
      return undefined;
    }
  }
}
