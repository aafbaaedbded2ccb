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

/** @throws Error where it can't be written */
export const writeRecord = (path: string, record: TimeRecord): void => {
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${path}.new`, path);
};
