import { closeSync, constants, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { lockFile, processStartTime } from '@maverick/spawner';
import { SupervisorError } from './errors.js';

/** How long a child of a dead supervisor may take to become its program, and with that to let go of the lock. */
const CHILD_MS = 1000;
const LOOK_EVERY_MS = 5;

const open = (path: string): number => openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);

/** Who has the lock, as it says itself; its children have it, too, until they have become their programs. */
const owner = (pid: number = process.pid): string => `${pid} ${processStartTime(pid) ?? ''}\n`;

const isOwnerDead = (path: string): boolean => {
  try {
    const text = readFileSync(path, 'latin1');
    // Empty: it has just got the lock.
    return text !== '' && text !== owner(Number.parseInt(text, 10));
  } catch {
    return false;
  }
};

const sleep = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Whether the lock is ours now. */
const tryLock = (fd: number): boolean => {
  if (!lockFile(fd, 'exclusive')) return false;
  ftruncateSync(fd, 0);
  writeSync(fd, owner(), 0);
  return true;
};

/** Wait for children of a dead supervisor; one that stays what it is, such as for a debugger, keeps a lock that nobody uses. */
const lockAfterDead = (path: string): number => {
  const until = performance.now() + CHILD_MS;
  const fd = open(path);
  while (performance.now() < until) {
    if (tryLock(fd)) return fd;
    sleep(LOOK_EVERY_MS);
  }
  closeSync(fd);
  if (isOwnerDead(path)) rmSync(path, { force: true });
  const fresh = open(path);
  if (tryLock(fresh)) return fresh;
  closeSync(fresh);
  throw new SupervisorError('StateInUse', `${path}: The state of a supervisor that still runs`);
};

/**
 * Keep all others out, as long as this process lives or until {@link unlock}.
 * @returns the descriptor of the lock
 * @throws SupervisorError `StateInUse` where a living supervisor has it; the system's error where it can't be had
 */
export const lockState = (path: string): number => {
  const fd = open(path);
  if (tryLock(fd)) return fd;
  closeSync(fd);
  if (isOwnerDead(path)) return lockAfterDead(path);
  throw new SupervisorError('StateInUse', `${path}: The state of a supervisor that still runs`);
};

/** Let another supervisor have it, at once: children that have not become their programs yet hold the same lock. */
export const unlock = (fd: number): void => {
  lockFile(fd, 'none');
  closeSync(fd);
};
