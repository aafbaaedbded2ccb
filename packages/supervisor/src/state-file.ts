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

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text, withoutFds);
  } catch {
    // The last line may be torn: what it was to say had not been acted upon.
    return undefined;
  }
};

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const isSavedState = (value: unknown): value is SavedState =>
  isObject(value) && 'version' in value && value.version === 1 && 'generation' in value && 'bootId' in value;

/** What an earlier run left in a directory; undefined where there is nothing of this boot. */
export const readSavedRun = (dir: string): SavedRun | undefined => {
  const state = parse(readIfThere(join(dir, STATE_FILE)) ?? '');
  if (!isSavedState(state) || state.bootId !== bootId()) return undefined;
  const text = readIfThere(join(dir, recordName(state.generation))) ?? '';
  const lines = text.split('\n').flatMap((line): RecordLine[] => {
    const value = parse(line);
    // Whatever is an object was written by us, or by a process that we told what to write.
    return isObject(value) ? [value as RecordLine] : [];
  });
  return { state, lines };
};
