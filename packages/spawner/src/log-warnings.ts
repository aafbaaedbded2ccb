import type { SpawnWarning } from './spawn-warning.js';
import { errnoMessage } from './system-error.js';

/** What can be told of logs. */
export const LOG_WARNINGS = {
  unwritable: (path: string, errno: number): SpawnWarning => ({
    kind: 'log-unwritable',
    path,
    errno,
    message: `unable to write ${path}, output is kept in memory: ${errnoMessage(errno)}`,
  }),
  dropped: (path: string, bytes: number): SpawnWarning => ({
    kind: 'log-dropped',
    path,
    bytes,
    message: `${bytes} bytes of output for ${path} are lost: more than can be kept in memory`,
  }),
  unrotated: (path: string, errno: number): SpawnWarning => ({
    kind: 'log-unrotated',
    path,
    errno,
    message: `unable to put ${path} away, it grows on: ${errnoMessage(errno)}`,
  }),
  rejected: (path: string, errno: number): SpawnWarning => ({
    kind: 'log-unwritable',
    path,
    errno,
    message: `unable to log to ${path}: ${errnoMessage(errno)}`,
  }),
  ended: (): SpawnWarning => ({
    kind: 'log-process',
    message: 'the log process has ended, another takes its place: begun JSON lines and what it kept for files are lost',
  }),
  hung: (timeoutMs: number): SpawnWarning => ({
    kind: 'log-process',
    message: `the log process has not answered for ${timeoutMs} ms, the ends of processes are told without waiting for it`,
  }),
  refused: (address: string, why: string): SpawnWarning => ({
    kind: 'log-process',
    message: `the log process at ${address} can't be taken over, another is started: ${why}`,
  }),
  unstartable: (why: string): SpawnWarning => ({
    kind: 'log-process',
    message: `no log process, output waits where it is written: ${why}`,
  }),
  unreachable: (address: string, errno: number): SpawnWarning => ({
    kind: 'log-process',
    message: `the log process can't be found at ${address} after a crash: ${errnoMessage(errno)}`,
  }),
} as const;
