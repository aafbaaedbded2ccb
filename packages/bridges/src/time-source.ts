import { clockNow, kernelTimer } from '@maverick/spawner';
import type { TimeClock } from './time-wish.js';
import { watchTimeZone } from './time-zone.js';

/** A timer that can be set again and again. */
export interface TimeAlarm {
  /** Be told when the clock shows this; Infinity: never. */
  set(atMs: number): void;
  close(): void;
}

/** Clocks, and somebody who looks at them. */
export interface TimeSource {
  now(clock: TimeClock): number;
  /** @param onNews called when the time has come, and when the clock was set */
  alarm(clock: TimeClock, onNews: () => void): TimeAlarm;
  /** Be told when the days of the machine begin at other times. Returns what ends it. */
  watchZone(onChange: () => void): () => void;
}

/** Those of the machine. */
export const MACHINE_TIME: TimeSource = {
  now: clockNow,
  alarm: (clock, onNews) => kernelTimer(clock, onNews),
  watchZone: watchTimeZone,
};
