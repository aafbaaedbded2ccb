import type { EngineOptions, EngineSnapshot, ProcessId, RequestId } from '@maverick/engine';
import { Engine } from '@maverick/engine';
import type { ChildEvent } from '@maverick/spawner';
import type { HandedFile } from './kept-files.js';
import type { SpawnAction } from './launcher.js';
import type { RunningProcess } from './process-table.js';
import type { HandedChannel } from './readiness.js';
import type { SavedEngine } from './saved-engine.js';
import type { StartedProcess } from './state-file.js';

/**
 * What a supervisor leaves to the one that takes its place in the same process, before or after an `exec`: JSON-safe, but its
 * descriptors mean something in this process only. A later version reads what an earlier one has written.
 */
export interface HandedOver {
  readonly version: 1;
  readonly runId: string;
  readonly options: EngineOptions;
  readonly snapshot: EngineSnapshot;
  readonly lastRequest: RequestId;
  readonly ending?: 'shutdown' | 'logout';
  readonly processes: readonly StartedProcess[];
  /** What is known of processes beside that: what they said of themselves, and whether they wait before their program. */
  readonly details: readonly (readonly [ProcessId, Pick<RunningProcess, 'pause' | 'status'>])[];
  /** Processes that had been asked for and were not there yet. */
  readonly pending: readonly SpawnAction[];
  /** What had become of processes and was not told any more. */
  readonly news: readonly ChildEvent[];
  /** The ways on which processes tell of themselves. */
  readonly channels: readonly HandedChannel[];
  /** What processes have given into keeping. Absent: an earlier version kept nothing. */
  readonly files?: readonly HandedFile[];
  /** Process groups that have outlived their leaders. */
  readonly groups: readonly number[];
  /** What keeps others out of the state directory. Absent: there is none. */
  readonly lock?: number;
  /** There is the session of a chroot, or there was one. Absent: an earlier version did not say. */
  readonly looksAtRoots?: boolean;
  /** The connection to the log process. Absent: there is none. */
  readonly log?: number;
}

/** What was handed over can't be gone on with. */
export class HandOverError extends Error {
  static {
    Object.defineProperty(HandOverError.prototype, 'name', { value: 'HandOverError' });
  }
  readonly code = 'unreadable';
}

/** The descriptors that must stay open for who comes next. */
export const descriptorsOf = ({ snapshot, channels, files = [], lock, log }: HandedOver): number[] => [
  ...snapshot.fds.map(([fd]) => fd),
  ...channels.map(({ fd }) => fd),
  ...files.map(({ fd }) => fd),
  ...[lock, log].filter((fd) => fd !== undefined),
];

/** What is known of running processes beside their numbers. */
export const detailsOf = (table: Iterable<RunningProcess>): HandedOver['details'] =>
  [...table].flatMap(({ process, pause, status }) =>
    pause === undefined && status === undefined
      ? []
      : [
          [
            process,
            { ...(pause === undefined ? {} : { pause }), ...(status === undefined ? {} : { status }) },
          ] as const,
        ],
  );

/** The last news of a process. */
export const isEnd = ({ kind }: ChildEvent): boolean =>
  kind === 'exited' || kind === 'signalled' || kind === 'vanished';

/**
 * The engine as it was, and what is known of its processes.
 * @throws HandOverError for a version that is not known here; SnapshotError for a damaged snapshot
 */
export const restoreHandedOver = (handed: HandedOver): SavedEngine => {
  const version: unknown = (handed as HandedOver | null)?.version;
  if (version !== 1) throw new HandOverError(`version ${version} of what is handed over is not known here, expected 1`);
  const { runId, options, snapshot, lastRequest, ending, processes, pending } = handed;
  return {
    engine: Engine.restore(snapshot, options),
    runId,
    lastRequest,
    ending,
    lastEffects: [],
    spawns: new Map(pending.map((action) => [action.process, action])),
    born: new Set(),
    started: new Map(processes.map((row) => [row[0], row])),
  };
};
