import { appendWtmp, readUtmp, type UtmpRecord, writeUtmp } from '@maverick/spawner';
import type { Environment } from './command.js';
import type { Machine } from './machine.js';

/** No level, as a character. */
export const NO_LEVEL = 'N';

/** A runlevel and the one before it; `N` where there is none. */
export interface Runlevel {
  readonly current: string;
  readonly previous: string;
}

const levelOf = (code: number): string => (code === 0 ? NO_LEVEL : String.fromCharCode(code));

/** The last record of a level: a `shutdown` record says that there is none. */
const lastRecord = (path: string): UtmpRecord | undefined =>
  readUtmp(path).findLast(({ type }) => type === 'run-level');

/**
 * What a file of records says.
 * @returns `undefined` where it has no record of a level
 * @throws an error of `node:fs`
 */
const recordedLevel = (path: string): Runlevel | undefined => {
  const record = lastRecord(path);
  return record && { current: levelOf(record.pid % 256), previous: levelOf(Math.trunc(record.pid / 256)) };
};

/**
 * The level from the environment, where a job or its script has it, else from the file.
 * @throws an error of `node:fs`
 */
export const readLevel = ({ RUNLEVEL = '', PREVLEVEL = '' }: Environment, path: string): Runlevel | undefined =>
  RUNLEVEL === ''
    ? recordedLevel(path)
    : { current: RUNLEVEL.slice(0, 1), previous: PREVLEVEL.slice(0, 1) || NO_LEVEL };

/** The level that the machine is in; `N` where that can't be known. */
export const currentLevel = (env: Environment, { utmp }: Machine): string => {
  try {
    return readLevel(env, utmp)?.current ?? NO_LEVEL;
  } catch {
    return NO_LEVEL;
  }
};

type NewRecord = Pick<UtmpRecord, 'type' | 'pid' | 'line' | 'id' | 'user' | 'host' | 'timeMs'>;

const newRecord = (machine: Machine, type: 'run-level' | 'boot-time', user: string, pid = 0): NewRecord => ({
  type,
  pid,
  line: '~',
  id: '~~',
  user,
  host: machine.kernelRelease,
  timeMs: machine.now().getTime(),
});

/** Machines without such files, or without a place for them yet, do without. */
const attempt = (work: () => void): void => {
  try {
    work();
  } catch {}
};

/** Does the file know of the level that is left now? If not, the machine was started meanwhile. */
const knows = (path: string, level: string): boolean => {
  try {
    return recordedLevel(path)?.current === level && level !== NO_LEVEL;
  } catch {
    return false;
  }
};

const codeOf = (level: string): number => (level === NO_LEVEL ? 0 : level.charCodeAt(0));

/**
 * Record a change of level in utmp and wtmp, each with a record of the start of the machine before it if that is
 * missing there. What can't be written is left out.
 * @see utmp(5); spec of the commands, section 4
 */
export const recordLevel = (machine: Machine, { current, previous }: Runlevel): void => {
  const level = newRecord(machine, 'run-level', 'runlevel', codeOf(current) + 256 * codeOf(previous));
  const start = newRecord(machine, 'boot-time', 'reboot');
  for (const { path, write } of [
    { path: machine.utmp, write: writeUtmp },
    { path: machine.wtmp, write: appendWtmp },
  ]) {
    attempt(() => {
      if (!knows(path, previous)) write(start, path);
      write(level, path);
    });
  }
};

/** Record that the machine goes down. */
export const recordShutdown = (machine: Machine): void => {
  const record = newRecord(machine, 'run-level', 'shutdown');
  attempt(() => writeUtmp(record, machine.utmp));
  attempt(() => appendWtmp(record, machine.wtmp));
};
