import type { Effect } from './effect.js';
import { Engine, type EngineOptions } from './engine.js';
import type { Input } from './input.js';
import type { EngineSnapshot } from './snapshot.js';

/** What an engine was told, from its beginning or from a snapshot on: enough to have it all again. JSON-safe. */
export interface Recording {
  /** What it was made with; beside a snapshot, what it was restored with. */
  readonly options?: EngineOptions;
  /** Where it went on from; absent: a new engine. */
  readonly snapshot?: EngineSnapshot;
  /** In the order in which they were dispatched. */
  readonly inputs: readonly Input[];
}

/** One input, and what followed from it. */
export interface Replayed {
  readonly input: Input;
  readonly effects: readonly Effect[];
}

/**
 * Tell an engine again what another was told. The effects are the same, in the same order; none of them is performed.
 * @returns the engine as it is at the end, and the effects of each input
 * @throws SnapshotError where the recording begins with a snapshot that can't be read
 */
export const replay = ({ options, snapshot, inputs }: Recording): { engine: Engine; steps: Replayed[] } => {
  const engine = snapshot ? Engine.restore(snapshot, options) : new Engine(options);
  return { engine, steps: inputs.map((input) => ({ input, effects: engine.dispatch(input) })) };
};
