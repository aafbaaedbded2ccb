import { fstatSync, readdirSync, type Stats } from 'node:fs';
import { messageOf } from './attempt.js';
import { closeQuietly, type Handover, HandoverError, keepToOurselves, readHandover } from './handover.js';
import type { Log } from './log.js';

const STANDARD = 2;

const statOf = (fd: number): Stats | undefined => {
  try {
    return fstatSync(fd);
  } catch {
    // That of the directory that was read.
    return undefined;
  }
};

/**
 * Let go of what the daemon before had kept open, where it is not known what that was: our own address, the state directory's
 * lock and clients that nobody answers any more must not stay taken. A program that has just begun has sockets, files and
 * single ends of pipes from nowhere else (of its own pipes it has both); what is something else is at least kept from programs
 * that are executed.
 */
const letGoOfAll = (): void => {
  const open = readdirSync('/proc/self/fd')
    .map((name) => ({ fd: Number(name), stats: statOf(Number(name)) }))
    .filter(({ fd, stats }) => fd > STANDARD && stats !== undefined);
  const isSingle = ({ ino }: Stats): boolean =>
    open.filter(({ stats }) => stats?.isFIFO() && stats.ino === ino).length === 1;
  for (const { fd, stats } of open) {
    const isKept = stats?.isSocket() || stats?.isFile() || (stats?.isFIFO() && isSingle(stats));
    if (isKept) closeQuietly(fd);
    else keepToOurselves(fd);
  }
};

/**
 * What the daemon before this one in the same process has left. One that can't be read is told, and nothing of it stays open.
 * To be called before anything else is opened.
 */
export const takeHandover = (fd: number, log: Log): Handover | undefined => {
  try {
    return readHandover(fd);
  } catch (error) {
    log.write('error', `Unable to read the state of the daemon before: ${messageOf(error)}`);
    if (error instanceof HandoverError && error.kept === undefined) letGoOfAll();
    return undefined;
  }
};
