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

/** Takes the lines of a journal one after the other. */
class Replay {
  engine: Engine | undefined;
  lostLines = 0;
  /** From then on inputs are missing, and what an engine would make of the others is not what was. */
  gap: string | undefined;

  take(line: JournalLine): void {
    if (line.what === 'began') this.#begin(line);
    else if (line.what === 'snapshot') this.#restore(line);
    else if (line.what === 'input') this.#dispatch(line);
    else if (line.what === 'journal-dropped') this.lostLines += numberIn(line['lines']);
  }

  #set(engine: Engine): void {
    this.engine = engine;
    this.lostLines = 0;
    this.gap = undefined;
  }

  /** One that goes on has the inputs of the one before, of which a crash may have taken the last lines. */
  #begin({ inputs, options, time }: JournalLine): void {
    if (numberIn(inputs) === 0) this.#set(new Engine(options as EngineOptions));
    else if (this.engine !== undefined && this.engine.inputs !== inputs) this.#miss(time);
  }

  #miss(time: string): void {
    this.engine = undefined;
    this.gap = time;
  }

  /** What is known already is the same; what was lost before it is made good. */
  #restore(line: JournalLine): void {
    const whole = this.engine === undefined || this.lostLines > 0 ? restored(line) : undefined;
    if (whole !== undefined) this.#set(whole);
  }

  /** Inputs are numbered: one that was lost, or torn by a crash, leaves a gap. */
  #dispatch({ number, input, time }: JournalLine): void {
    if (this.engine === undefined) return;
    if (typeof number === 'number' && number !== this.engine.inputs + 1) this.#miss(time);
    else this.engine.dispatch(input as Input);
  }
}

/**
 * Tell an engine again what the daemon's was told, up to a moment. What goes on over a re-exec goes on here; where the
 * beginning is missing, or something in between, it is told from the next snapshot on.
 * @param lines of a journal, the oldest first; others than {@link REPLAYED_KINDS} are passed over
 * @param moment as the journal has times. The clock may have been set back: of several moments of that time it is the first
 * @throws InitctlError `journal-gap` where inputs are missing since the last beginning or snapshot; `journal-cut` where the journal goes
 * back neither to the beginning of that engine nor to a snapshot of it, or has nothing so early
 */
export const engineAt = (lines: Iterable<JournalLine>, moment: string): PastEngine => {
  const replay = new Replay();
  let last: JournalLine | undefined;
  let oldest: string | undefined;
  for (const line of lines) {
    oldest ??= line.time;
    if (last !== undefined && line.time > moment) break;
    replay.take(line);
    if (line.time <= moment) last = line;
  }
  const { engine, gap, lostLines } = replay;
  if (gap !== undefined && last !== undefined) throw new InitctlError('journal-gap', { moment, from: gap });
  if (engine === undefined || last === undefined) {
    throw new InitctlError('journal-cut', { moment, oldest: oldest ?? 'nothing' });
  }
  const later = wallMs(moment) - Date.parse(last.time);
  return { engine, at: last.at + Math.max(0, later || 0), lostLines };
};
