import type { JobState } from '@maverick/engine';

/** How a state is drawn: its colour class, and a character for terminals with Unicode and without. */
export interface StateLook {
  /** Also what the legend says. */
  readonly name: 'waits' | 'prepares' | 'starts' | 'runs' | 'stops';
  readonly character: string;
  readonly plain: string;
}

const WAITS: StateLook = { name: 'waits', character: '·', plain: '.' };
const PREPARES: StateLook = { name: 'prepares', character: '▒', plain: '+' };
const STARTS: StateLook = { name: 'starts', character: '▓', plain: '#' };
const RUNS: StateLook = { name: 'runs', character: '█', plain: '=' };
const STOPS: StateLook = { name: 'stops', character: '░', plain: '-' };

/** The looks in the order of the legend, with what each says. */
export const LOOKS = [
  { ...WAITS, says: 'waits for others (starting)' },
  { ...PREPARES, says: 'prepares (pre-start, post-start)' },
  { ...STARTS, says: 'starts: not ready yet (spawned)' },
  { ...RUNS, says: 'runs' },
  { ...STOPS, says: 'stops (pre-stop to post-stop)' },
] as const;

/** How each state is drawn. */
export const STATE_LOOKS = {
  waiting: WAITS,
  starting: WAITS,
  'security-spawning': PREPARES,
  security: PREPARES,
  'pre-starting': PREPARES,
  'pre-start': PREPARES,
  spawning: STARTS,
  spawned: STARTS,
  'post-starting': PREPARES,
  'post-start': PREPARES,
  running: RUNS,
  'pre-stopping': STOPS,
  'pre-stop': STOPS,
  stopping: STOPS,
  killed: STOPS,
  'post-stopping': STOPS,
  'post-stop': STOPS,
} as const satisfies Record<JobState, StateLook>;

const STEPS = [1, 2, 5] as const;

/** Round distances for the marks of an axis. @returns milliseconds, about `count` of them in the length */
export const axisStep = (lengthMs: number, count: number): number => {
  const rough = lengthMs / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-3)));
  const step = STEPS.find((factor) => factor * power >= rough) ?? 10;
  return step * power;
};

/** A point of the axis: seconds, with as many digits as its step needs. */
export const axisText = (ms: number, step: number): string => {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.max(step, 1))));
  return `${(ms / 1000).toFixed(step >= 1000 ? 0 : Math.min(3, digits))} s`;
};
