import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { TimeClock } from './time-wish.js';

/** Until when all times were emitted, by clock. */
export type TimeRecord = Readonly<Record<TimeClock, number>>;

/** Where the record lies; undefined where there is no such place. */
export const recordPath = (runtimeDir: string | undefined): string | undefined =>
  runtimeDir === undefined ? undefined : `${runtimeDir}/upstart-time-bridge.json`;

/** Undefined where there is none, or one that is not of this boot. */
export const readRecord = (path: string | undefined, bootNow: number): TimeRecord | undefined => {
  if (path === undefined) return undefined;
  try {
    const { realtime, boottime }: Partial<TimeRecord> = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof realtime !== 'number' || typeof boottime !== 'number' || boottime > bootNow) return undefined;
    return { realtime, boottime };
  } catch {
    // None, or nothing that we wrote: what was missed is not known.
    return undefined;
  }
};

/** One event of the bridge, for `initctl timers`. Times are in milliseconds of `clock`, but `last` since 1970. */
export interface TimerRecord {
  /** Its variables. */
  readonly event: readonly string[];
  /** The jobs that want it. */
  readonly jobs: readonly string[];
  readonly clock: TimeClock;
  /** null: it does not come again. */
  readonly next: number | null;
  /** null: not since this bridge was started. */
  readonly last: number | null;
}

/** What the file has: the record, for the next bridge, and what people ask for. */
export interface WrittenRecord extends TimeRecord {
  /** The process of the bridge. */
  readonly pid: number;
  readonly timers: readonly TimerRecord[];
}

/** @throws Error where it can't be written */
export const writeRecord = (path: string, record: WrittenRecord): void => {
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${path}.new`, path);
};
