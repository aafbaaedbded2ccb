import {
  type AdoptResult,
  type ChildEvent,
  type KillOptions,
  type KillResult,
  type LogOptions,
  type ProcessSpec,
  Spawner,
  type SpawnResult,
  type SpawnWarning,
  type TrackEvent,
} from '@maverick/spawner';

/** Starts and signals processes: what a supervisor uses of a `Spawner`. */
export interface ProcessPort {
  spawn(spec: ProcessSpec): SpawnResult;
  /** Several at once: for each what `spawn` would have returned or thrown. Default: `spawn`, one after the other. */
  spawnAll?(specs: readonly ProcessSpec[]): PromiseSettledResult<SpawnResult>[];
  /** For what may take its time: a PAM session, users that only name services know. Default: as `spawn`. */
  start?(spec: ProcessSpec, options: { readonly signal: AbortSignal }): Promise<SpawnResult>;
  kill(pid: number, signal: number, options: KillOptions): KillResult;
  /** Watch a process that somebody else has started. Default: it can't be done. */
  adopt?(pid: number, startTime: number): AdoptResult;
  /** Write now what output waits to be written. A port that keeps none need not have it. */
  flushLogs?(): void;
  /** Open every log file anew by its name. */
  reopenLogs?(): void;
  /** Hold no log file open until {@link resumeLogs}. */
  pauseLogs?(): Promise<void>;
  resumeLogs?(): void;
  /** Leave the log process to who comes next in this process. Returns its descriptor, which stays open. */
  handOverLogs?(): number | undefined;
  close(): void;
}

/** What a {@link ProcessPort} reports, from the event loop only: never from within `spawn`. */
export interface ProcessListener {
  /** Where a log process is found that goes on while we are gone. Absent: it need not be found. */
  readonly log?: Pick<LogOptions, 'address' | 'control'>;
  readonly onChild: (event: ChildEvent) => void;
  readonly onWarning: (warning: SpawnWarning) => void;
  /** What became of a process that forks away. */
  readonly onTrack?: (event: TrackEvent) => void;
}

export type OpenProcessPort = (listener: ProcessListener) => ProcessPort;

/**
 * A spawner that waits for its own children only, so that `child_process` and other supervisors work beside it in the same
 * process. A program that adopts orphans (PID 1, a subreaper) needs one that reaps them, too: `reapStrangers`.
 */
export const openSpawner: OpenProcessPort = (listener) => new Spawner({ ...listener, reapStrangers: false });
