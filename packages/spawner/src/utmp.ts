import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { native } from './native.js';
import { checked } from './system-error.js';
import { decodeRecord, EMPTY_RECORD, encodeRecord, type UtmpRecord, type UtmpType } from './utmp-record.js';

/** Who is logged in, and the runlevel. */
export const UTMP_FILE = '/var/run/utmp';
/** Every such record that ever was. */
export const WTMP_FILE = '/var/log/wtmp';

const layout = native.utmpLayout();

/** Records that there is one of, found by type. The others are processes, found by id. */
const SINGLE: readonly UtmpType[] = ['run-level', 'boot-time', 'new-time', 'old-time'];
const PROCESSES: readonly UtmpType[] = ['init-process', 'login-process', 'user-process', 'dead-process'];

const isSameEntry = (one: UtmpRecord, other: UtmpRecord): boolean =>
  SINGLE.includes(one.type)
    ? one.type === other.type
    : PROCESSES.includes(one.type) && PROCESSES.includes(other.type) && one.id === other.id;

/** How often a lock that somebody has is asked for, and how long is waited in between. */
const LOCK_ATTEMPTS = 20;
const LOCK_PAUSE_MS = 5;

/** Programs hold it for one write; whoever holds it for good must not hold us up. */
const lock = (fd: number, path: string): void => {
  for (let attempt = 1; ; attempt++) {
    const result = native.lockRecords(fd);
    if (result !== -constants.errno.EAGAIN || attempt === LOCK_ATTEMPTS) {
      checked(result, 'fcntl F_OFD_SETLK', path);
      return;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_PAUSE_MS);
  }
};

/** Work on the file while nobody else does. It is not created: a machine without one wants none. */
const withFile = <Result>(path: string, work: (fd: number) => Result): Result => {
  const fd = openSync(path, 'r+');
  try {
    lock(fd, path);
    return work(fd);
  } finally {
    closeSync(fd);
  }
};

const recordsOf = (bytes: Buffer): UtmpRecord[] =>
  Array.from({ length: Math.floor(bytes.length / layout.size) }, (_, index) =>
    decodeRecord(bytes.subarray(index * layout.size, (index + 1) * layout.size), layout),
  );

const readAll = (fd: number): UtmpRecord[] => {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return recordsOf(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)));
};

const writeAt = (fd: number, index: number, record: UtmpRecord): void => {
  writeSync(fd, encodeRecord(record, layout), 0, layout.size, index * layout.size);
};

/**
 * All records of the file, in its order. A last one that is not whole is left out.
 * @throws an error of `node:fs`: `ENOENT` where the machine keeps none
 */
export const readUtmp = (path = UTMP_FILE): readonly UtmpRecord[] => recordsOf(readFileSync(path));

/**
 * Write a record in the place of the one of the same kind (`run-level`, `boot-time`, `new-time`, `old-time`) or of the
 * same id (processes), or at the end. What is not said is empty or 0; `timeMs` is now.
 * @throws an error of `node:fs` (`ENOENT`, `EACCES`); SystemError `EAGAIN` when somebody holds the file's lock
 * @see pututxline(3)
 */
export const writeUtmp = (record: Partial<UtmpRecord> & Pick<UtmpRecord, 'type'>, path = UTMP_FILE): void => {
  const whole = { ...EMPTY_RECORD, timeMs: Date.now(), ...record };
  withFile(path, (fd) => {
    const records = readAll(fd);
    const index = records.findIndex((other) => isSameEntry(whole, other));
    writeAt(fd, index < 0 ? records.length : index, whole);
  });
};

/** Append a record, as {@link writeUtmp}. The rest of a record that was written half is removed first. */
export const appendWtmp = (record: Partial<UtmpRecord> & Pick<UtmpRecord, 'type'>, path = WTMP_FILE): void => {
  withFile(path, (fd) => {
    const count = Math.floor(fstatSync(fd).size / layout.size);
    ftruncateSync(fd, count * layout.size);
    writeAt(fd, count, { ...EMPTY_RECORD, timeMs: Date.now(), ...record });
  });
};

export interface UtmpFiles {
  readonly utmp?: string;
  readonly wtmp?: string;
  /** When, in milliseconds since 1970; now unless given. */
  readonly timeMs?: number;
}

const isAlive = (record: UtmpRecord, pid: number): boolean =>
  record.pid === pid && record.type !== 'dead-process' && PROCESSES.includes(record.type);

/** Most processes have no record: that is seen without a lock. A machine without the file has none for any. */
const hasRecord = (pid: number, path: string): boolean =>
  existsSync(path) && readUtmp(path).some((record) => isAlive(record, pid));

/**
 * A process has ended: its record in utmp becomes `dead-process` without user, host and time, and is appended to wtmp
 * with the time. Does nothing for a process that has none.
 * @returns whether there was one
 * @throws as {@link writeUtmp}
 */
export const endUtmpProcess = (
  pid: number,
  { utmp = UTMP_FILE, wtmp = WTMP_FILE, timeMs }: UtmpFiles = {},
): boolean => {
  if (!hasRecord(pid, utmp)) return false;
  const ended = withFile(utmp, (fd) => {
    const records = readAll(fd);
    const index = records.findIndex((record) => isAlive(record, pid));
    const record = records[index];
    if (record === undefined) return undefined;
    const dead: UtmpRecord = { ...record, type: 'dead-process', user: '', host: '', timeMs: 0 };
    writeAt(fd, index, dead);
    return dead;
  });
  if (ended === undefined) return false;
  appendWtmp({ ...ended, timeMs: timeMs ?? Date.now() }, wtmp);
  return true;
};
