import type { ChildEvent, ProcessSpec, SpawnResult } from '@maverick/spawner';

/** Starts and signals processes: what a supervisor uses of a `Spawner`. */
export interface ProcessPort {
  spawn(spec: ProcessSpec): SpawnResult;
  /** @throws an error with the system's `code`, such as `ESRCH` */
  kill(pid: number, signal: number, options: { readonly group: boolean }): void;
  close(): void;
}

/** Opens a {@link ProcessPort} whose children are told to `onChild`, never from within `spawn`. */
export type OpenProcessPort = (onChild: (event: ChildEvent) => void) => ProcessPort;
