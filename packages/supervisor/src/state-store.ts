import { closeSync, constants, openSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Input, ProcessId } from '@maverick/engine';
import type { ProcessSpec } from '@maverick/spawner';
import { makeDirectory } from './make-directory.js';
import {
  LOCK_FILE,
  type RecordLine,
  readSavedRun,
  recordName,
  type SavedRun,
  type SavedState,
  STATE_FILE,
  type StartedProcess,
} from './state-file.js';
import { lockState, unlock } from './state-lock.js';

/** A record is replaced by a snapshot when it is longer than this, and than the last snapshot. */
const LEAST_COMPACTED_BYTES = 1024 * 1024;

const open = (path: string, flags: number): number => openSync(path, flags | constants.O_CREAT, 0o600);

/** What to save but for what the store itself knows. */
export type StateToSave = Omit<SavedState, 'version' | 'generation'>;

/**
 * Keeps what a supervisor knows in a directory, so that after a crash another one can go on: a snapshot, replaced whole, and a
 * record of every input since, written before what the input leads to is done. One supervisor a directory, as long as it lives.
 */
export class StateStore {
  readonly #dir: string;
  readonly #lock: number;
  #generation = 0;
  #record: number | undefined;
  #recordBytes = 0;
  #snapshotBytes = 0;
  #pending: string[] = [];

  /**
   * @param lock the descriptor that {@link leaveLock} gave. Default: a new one
   * @throws SupervisorError `StateInUse` where a living supervisor has it; the system's error where it can't be used
   */
  constructor(dir: string, lock?: number) {
    this.#dir = dir;
    makeDirectory(dir, 0o700);
    this.#lock = lock ?? lockState(join(dir, LOCK_FILE));
  }

  /** What an earlier run has left. @throws UnreadableStateError where that can't be gone on with */
  load(): SavedRun | undefined {
    // Where nothing can be read, what is there is of no use to anybody: the next state takes its place.
    this.#generation = newestRecord(this.#dir);
    const run = readSavedRun(this.#dir);
    if (run !== undefined) this.#generation = run.state.generation;
    return run;
  }

  /** Save everything anew: what was recorded until now is in it. @throws the system's error */
  save(state: StateToSave): void {
    const generation = this.#generation + 1;
    const record = open(
      join(this.#dir, recordName(generation)),
      constants.O_WRONLY | constants.O_APPEND | constants.O_TRUNC,
    );
    const text = JSON.stringify({ version: 1, generation, ...state } satisfies SavedState);
    const next = join(this.#dir, `${STATE_FILE}.new`);
    try {
      writeFileSync(next, text, { mode: 0o600 });
      // From here on the new pair counts.
      renameSync(next, join(this.#dir, STATE_FILE));
    } catch (error) {
      closeSync(record);
      throw error;
    }
    this.#closeRecord();
    rmSync(join(this.#dir, recordName(this.#generation)), { force: true });
    this.#generation = generation;
    this.#record = record;
    this.#recordBytes = 0;
    this.#snapshotBytes = text.length;
  }

  /** Go on with the record that is there. @throws the system's error */
  resume(): void {
    const path = join(this.#dir, recordName(this.#generation));
    this.#record = open(path, constants.O_WRONLY | constants.O_APPEND);
    // Its last line may be torn: an empty one says that it is known.
    this.#pending.push('\n\n');
  }

  /** It is time to {@link save} again. */
  get isLong(): boolean {
    return this.#recordBytes > Math.max(LEAST_COMPACTED_BYTES, this.#snapshotBytes);
  }

  /** An input is about to be taken. It is written with the next {@link flush}. */
  input(input: Input): void {
    if (this.#record !== undefined) this.#pending.push(lineOf({ input }));
  }

  /** A process runs. */
  started(started: StartedProcess): void {
    if (this.#record !== undefined) this.#pending.push(lineOf({ started }));
  }

  /** What a process has to write when it is born. */
  birth(process: ProcessId): NonNullable<ProcessSpec['birth']> | undefined {
    return this.#record === undefined ? undefined : { fd: this.#record, text: lineOf({ born: process }) };
  }

  /** Write what is not written yet. @throws the system's error */
  flush(): void {
    if (this.#pending.length === 0 || this.#record === undefined) return;
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    // A disk that is nearly full takes a part, and refuses the next.
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#record, bytes, written);
    this.#recordBytes += bytes.length;
  }

  /** Nothing is left to be taken over, or it can't be kept. */
  remove(): void {
    this.#closeRecord();
    for (const name of readdirSync(this.#dir)) {
      if (name.startsWith('record.') || name.startsWith(STATE_FILE)) rmSync(join(this.#dir, name), { force: true });
    }
  }

  /** Write no more, but keep others out until who comes next in this process has it. @returns the descriptor of the lock */
  leaveLock(): number {
    this.#closeRecord();
    return this.#lock;
  }

  /** Let another supervisor have it. */
  close(): void {
    this.#closeRecord();
    unlock(this.#lock);
  }

  #closeRecord(): void {
    if (this.#record !== undefined) closeSync(this.#record);
    this.#record = undefined;
    this.#pending = [];
  }
}

const newestRecord = (dir: string): number =>
  Math.max(0, ...readdirSync(dir).map((name) => Number(/^record\.(\d+)\.jsonl$/.exec(name)?.[1] ?? 0)));

const lineOf = (line: RecordLine): string => `${JSON.stringify(line)}\n`;
