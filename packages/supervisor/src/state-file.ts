import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineOptions, EngineSnapshot, Input, ProcessId, RequestId } from '@maverick/engine';

/** A process that had been started: the start time tells it from a later one with the same PID. */
export type StartedProcess = readonly [process: ProcessId, pid: number, startTime: number];

/** The state at some time; what has happened since is in the record of the same generation. */
export interface SavedState {
  readonly version: 1;
  readonly generation: number;
  /** The same as long as processes of the same run may live: it is in their environment, with their number. */
  readonly runId: string;
  /** Times and PIDs mean nothing after a boot. */
  readonly bootId: string;
  readonly options: EngineOptions;
  /** Absent: a new engine. */
  readonly snapshot?: EngineSnapshot;
  readonly lastRequest: RequestId;
  /** It has been told to end. */
  readonly ending?: 'shutdown' | 'logout';
  readonly processes: readonly StartedProcess[];
}

/** One line of a record. */
export type RecordLine =
  | { readonly input: Input }
  /** Written by the new process itself. */
  | { readonly born: ProcessId }
  | { readonly started: StartedProcess };

/** All that is known of an earlier run. */
export interface SavedRun {
  readonly state: SavedState;
  readonly lines: readonly RecordLine[];
}

export const STATE_FILE = 'snapshot.json';
export const LOCK_FILE = 'lock';

/** The name of the record of what happened since a snapshot was taken. */
export const recordName = (generation: number): string => `record.${generation}.jsonl`;

/** The present boot of the machine. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Descriptors were those of a program that is gone: their numbers would mean others now. */
const withoutFds = (key: string, value: unknown): unknown => (key === 'fds' && Array.isArray(value) ? [] : value);

/** What an earlier run has left can't be gone on with. */
class UnreadableStateError extends Error {
  static {
    Object.defineProperty(UnreadableStateError.prototype, 'name', { value: 'UnreadableStateError' });
  }
  readonly code = 'unreadable';
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text, withoutFds);
  } catch {
    return undefined;
  }
};

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** @throws UnreadableStateError for what is there and can't be read */
const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new UnreadableStateError(error instanceof Error ? error.message : String(error));
  }
};

const NUMBERS = ['version', 'generation', 'lastRequest'] as const satisfies readonly (keyof SavedState)[];
const TEXTS = ['runId', 'bootId'] as const satisfies readonly (keyof SavedState)[];

const isSavedState = (value: object): value is SavedState => {
  const state = value as Partial<SavedState>;
  const isWhole = NUMBERS.every((name) => Number.isInteger(state[name])) && isObject(state.options);
  return isWhole && TEXTS.every((name) => typeof state[name] === 'string') && Array.isArray(state.processes);
};

/** The state, if it is of this boot. @throws UnreadableStateError */
const savedState = (text: string): SavedState | undefined => {
  const state = parse(text);
  if (!isObject(state)) throw new UnreadableStateError(`${STATE_FILE} is damaged`);
  if ('bootId' in state && typeof state.bootId === 'string' && state.bootId !== bootId()) return undefined;
  const version = 'version' in state ? state.version : undefined;
  if (version !== 1)
    throw new UnreadableStateError(`version ${version} of ${STATE_FILE} is not known here, expected 1`);
  if (!isSavedState(state)) throw new UnreadableStateError(`${STATE_FILE} is damaged`);
  return state;
};

/**
 * What an earlier run left in a directory; undefined where there is nothing of this boot.
 * @throws UnreadableStateError where there is something that can't be gone on with
 */
export const readSavedRun = (dir: string): SavedRun | undefined => {
  const snapshot = readIfThere(join(dir, STATE_FILE));
  const state = snapshot === undefined ? undefined : savedState(snapshot);
  if (state === undefined) return undefined;
  const name = recordName(state.generation);
  const record = readIfThere(join(dir, name));
  if (record === undefined) throw new UnreadableStateError(`${name} is missing`);
  return { state, lines: [...recordLines(record.split('\n'), name)] };
};

/**
 * Whatever is an object was written by us, or by a process that we told what to write. A line may be torn where a supervisor
 * died: what it was to say had not been acted upon. Nothing but the empty line of the next supervisor can follow that.
 */
function* recordLines(lines: readonly string[], name: string): Iterable<RecordLine> {
  for (const [index, line] of lines.entries()) {
    const value = line === '' ? undefined : parse(line);
    if (isObject(value)) yield value as RecordLine;
    else if (line !== '' && (lines[index + 1] ?? '') !== '')
      throw new UnreadableStateError(`line ${index + 1} of ${name} is damaged`);
  }
}
