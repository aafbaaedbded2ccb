import { type Effect, Engine, type ProcessId, type RequestId } from '@maverick/engine';
import type { SpawnAction } from './launcher.js';
import type { SavedRun, StartedProcess } from './state-file.js';

/** An engine as it was when its supervisor died, and what is known of its processes. */
export interface SavedEngine {
  readonly engine: Engine;
  readonly runId: string;
  readonly lastRequest: RequestId;
  /** It had been told to end. */
  readonly ending: 'shutdown' | 'logout' | undefined;
  /** What the last input led to: nobody knows how much of it was done. */
  readonly lastEffects: readonly Effect[];
  /** The processes that had been asked for since the last snapshot. */
  readonly spawns: ReadonlyMap<ProcessId, SpawnAction>;
  /** The processes that came to be, as they said themselves. */
  readonly born: ReadonlySet<ProcessId>;
  readonly started: ReadonlyMap<ProcessId, StartedProcess>;
}

/**
 * Tell an engine again what the earlier one was told: it is deterministic, so it comes to the same state.
 * @throws SnapshotError where the snapshot is damaged, or of a version that is not known here
 */
export const restoreEngine = ({ state, lines }: SavedRun): SavedEngine => {
  const engine = state.snapshot ? Engine.restore(state.snapshot, state.options) : new Engine(state.options);
  const started = new Map(state.processes.map((row) => [row[0], row]));
  const born = new Set<ProcessId>();
  const spawns = new Map<ProcessId, SpawnAction>();
  let { lastRequest } = state;
  let lastEffects: readonly Effect[] = [];
  let ending = state.ending;
  for (const line of lines) {
    if ('born' in line) born.add(line.born);
    else if ('started' in line) started.set(line.started[0], line.started);
    else {
      if ('request' in line.input && line.input.request !== undefined)
        lastRequest = Math.max(lastRequest, line.input.request);
      if (line.input.kind === 'quiesce') ending ??= line.input.type;
      lastEffects = engine.dispatch(line.input);
      for (const effect of lastEffects) if (effect.kind === 'spawn') spawns.set(effect.process, effect);
    }
  }
  return { engine, runId: state.runId, lastRequest, ending, lastEffects, spawns, born, started };
};

/** An engine that was told of processes that live, and knows nothing else of the run. */
export const recoveredEngine = (
  engine: Engine,
  runId: string,
  processes: readonly { readonly process: ProcessId; readonly pid: number; readonly startTime: number }[],
): SavedEngine => ({
  engine,
  runId,
  lastRequest: 0,
  ending: undefined,
  lastEffects: [],
  spawns: new Map(),
  born: new Set(),
  started: new Map(processes.map(({ process, pid, startTime }) => [process, [process, pid, startTime]])),
});
