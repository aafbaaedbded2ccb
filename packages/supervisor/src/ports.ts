import {
  type ChildEvent,
  type KillOptions,
  type KillResult,
  type ProcessSpec,
  Spawner,
  type SpawnResult,
  type SpawnWarning,
} from '@maverick/spawner';

/** Starts and signals processes: what a supervisor uses of a `Spawner`. */
export interface ProcessPort {
  spawn(spec: ProcessSpec): SpawnResult;
  kill(pid: number, signal: number, options: KillOptions): KillResult;
  /** Write now what output waits to be written. A port that keeps none need not have it. */
  flushLogs?(): void;
  close(): void;
}

/** What a {@link ProcessPort} reports, from the event loop only: never from within `spawn`. */
export interface ProcessListener {
  readonly onChild: (event: ChildEvent) => void;
  readonly onWarning: (warning: SpawnWarning) => void;
}

export type OpenProcessPort = (listener: ProcessListener) => ProcessPort;

/**
 * A spawner that waits for its own children only, so that `child_process` and other supervisors work beside it in the same
 * process. A program that adopts orphans (PID 1, a subreaper) needs one that reaps them, too: `reapStrangers`.
 */
export const openSpawner: OpenProcessPort = (listener) => new Spawner({ ...listener, reapStrangers: false });
