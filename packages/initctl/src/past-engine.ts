import {
  Engine,
  type EngineOptions,
  type EngineSnapshot,
  type Input,
  type JournalLine,
  SnapshotError,
} from '@maverick/engine';
import { InitctlError } from './errors.js';
import { wallMs } from './journal-time.js';

/** The daemon's engine as it was once. */
export interface PastEngine {
  readonly engine: Engine;
  /** The moment on the engine's clock. */
  readonly at: number;
  /** Lines that could not be written then: what they told is not known. */
  readonly lostLines: number;
}

/** Lines that an engine is made again from. */
export const REPLAYED_KINDS: ReadonlySet<string> = new Set(['began', 'snapshot', 'input', 'journal-dropped']);

const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** @returns undefined where it is of a later version, or no snapshot */
const restored = ({ engine, options }: JournalLine): Engine | undefined => {
  try {
    return Engine.restore(engine as EngineSnapshot, (options ?? {}) as EngineOptions);
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
};

/**
 * Tell an engine again what the daemon's was told, up to a moment. What goes on over a re-exec goes on here; where the
 * beginning is missing, it is told from the first snapshot on.
 * @param lines of a journal, the oldest first, all before the moment; others than {@link REPLAYED_KINDS} are passed over
 * @param moment as the journal has times
 * @throws InitctlError `journal-cut` where the journal goes back neither to the beginning of that engine nor to a snapshot of it, or has nothing so early
 */
export const engineAt = (lines: Iterable<JournalLine>, moment: string): PastEngine => {
  let engine: Engine | undefined;
  let last: JournalLine | undefined;
  let oldest: string | undefined;
  let lostLines = 0;
  for (const line of lines) {
    oldest ??= line.time;
    if (line.what === 'began') {
      const { inputs, options } = line;
      if (numberIn(inputs) === 0) {
        engine = new Engine(options as EngineOptions);
        lostLines = 0;
      }
    } else if (line.what === 'snapshot') {
      // What is known already is the same; what was lost before it is made good.
      const whole = engine === undefined || lostLines > 0 ? restored(line) : undefined;
      if (whole !== undefined) [engine, lostLines] = [whole, 0];
    } else if (line.what === 'input') engine?.dispatch(line['input'] as Input);
    else if (line.what === 'journal-dropped') lostLines += numberIn(line['lines']);
    if (line.at !== undefined) last = line;
  }
  if (engine === undefined || last === undefined) {
    throw new InitctlError('journal-cut', { moment, oldest: oldest ?? 'nothing' });
  }
  const later = wallMs(moment) - Date.parse(last.time);
  return { engine, at: last.at + Math.max(0, later || 0), lostLines };
};
