import { readlinkSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { native } from './native.js';
import { readProcess } from './process-table.js';

const { ENOPROTOOPT, ESRCH } = constants.errno;

/**
 * Holds a process by more than its number, which may be another's by now: what `look` finds in `/proc` counts only if it
 * was that process's all the while.
 * @returns undefined where it was not, or where `look` finds nothing
 */
export type ProcessPin = <T>(look: () => T | undefined) => T | undefined;

/** What is known of a process whose number has come from somebody else than the kernel. */
export interface ProcessEvidence {
  /** A pidfd of it, as long as {@link pinProcess} takes. */
  readonly pidfd?: number;
  /** It was there at this time of the clock `boottime`: what began later has its number only. */
  readonly by?: number;
}

/** USER_HZ: start times are in hundredths of a second. */
const MS_PER_TICK = 10;

/**
 * By the time when it began: for a number that comes from somebody else than the kernel.
 * @param evidence Default: it is taken to be the process that has the number now
 */
export const pinProcess = (pid: number, { pidfd, by = Number.POSITIVE_INFINITY }: ProcessEvidence = {}): ProcessPin => {
  const startTime = readProcess(pid)?.startTime;
  // Asked after the start time was read: if the process is there still, that was its own.
  const isGone = pidfd !== undefined && native.pidfdSignal(pidfd, 0) === -ESRCH;
  const isIt = startTime !== undefined && !isGone && startTime * MS_PER_TICK <= by;
  return (look) => {
    const found = look();
    return isIt && readProcess(pid)?.startTime === startTime ? found : undefined;
  };
};

/**
 * The process that has connected a socket, held by the socket itself (`SO_PEERPIDFD`, Linux 6.5), before that by the time
 * when it began.
 * @param socket as long as it is open
 * @param pid as `peerCredentials` tells it
 */
export const pinPeer = (socket: number, pid: number): ProcessPin => {
  const first = native.peerPidfd(socket);
  if (first === -ENOPROTOOPT) return pinProcess(pid);
  if (first >= 0) native.closeFd(first);
  return (look) => {
    const pidfd = native.peerPidfd(socket);
    if (pidfd < 0) return undefined;
    try {
      const found = look();
      return native.pidfdSignal(pidfd, 0) === -ESRCH ? undefined : found;
    } finally {
      native.closeFd(pidfd);
    }
  };
};

const isSameDirectory = (one: string, other: string): boolean => {
  const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
  return a.dev === b.dev && a.ino === b.ino;
};

/**
 * The root directory of a process, as this process sees it. A path that leads somewhere else here (the process is in a mount
 * namespace of its own, or the directory was removed) is none.
 * @returns undefined where it can't be told: the process has ended, or we may not look
 */
export const rootDirectoryOf = (pid: number, pin: ProcessPin): string | undefined =>
  pin(() => {
    if (pid <= 0) return undefined;
    const link = `/proc/${pid}/root`;
    try {
      const root = readlinkSync(link);
      return isSameDirectory(`${link}/`, root) ? root : undefined;
    } catch {
      return undefined;
    }
  });
