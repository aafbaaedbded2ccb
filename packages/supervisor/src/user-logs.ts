import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** So many logs a user may have: each is a file of a bounded size with its older ones, and together they are bounded by that. */
const MOST_LOGS = 100;
/** The log of all output that has no log of its own. */
const OTHERS = 'others.log';
/** What nobody has written to for so long makes room for another one. */
const OLD_MS = 24 * 60 * 60 * 1000;

const SUFFIX = '.log';

/** When each of these was last written to; one that is gone meanwhile: never. */
const agesOf = (dir: string, names: readonly string[]) =>
  names.map((name) => ({ name, at: lstatSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }));

/** Remove the log that has not been written to for the longest time, if that is long. @returns whether there was one */
const makeRoom = (dir: string, logs: readonly string[], now: number): boolean => {
  const [oldest] = agesOf(dir, logs).sort((a, b) => a.at - b.at);
  if (oldest === undefined || now - oldest.at < OLD_MS) return false;
  const number = /^\.\d+$/;
  const isOf = (name: string): boolean => name.startsWith(oldest.name) && number.test(name.slice(oldest.name.length));
  // Where somebody still has it open, it is made anew with the next output.
  for (const name of readdirSync(dir)) if (name === oldest.name || isOf(name)) rmSync(join(dir, name), { force: true });
  return true;
};

/**
 * Where output of a user's job goes that would have a log of this path: there, as long as they have no more logs than they may;
 * else to one that all others share.
 * @param now milliseconds since 1970
 */
export const userLog = (path: string, now: number = Date.now()): string => {
  const dir = dirname(path);
  try {
    if (existsSync(path)) return path;
    const logs = readdirSync(dir).filter((name) => name.endsWith(SUFFIX) && name !== OTHERS);
    return logs.length < MOST_LOGS || makeRoom(dir, logs, now) ? path : join(dir, OTHERS);
  } catch {
    // Who writes there tells of what is wrong with the directory.
    return path;
  }
};

/** Where output of such a path is to be looked for: there, unless only the others' log is there. */
export const findUserLog = (path: string): string => {
  const others = join(dirname(path), OTHERS);
  return !existsSync(path) && existsSync(others) ? others : path;
};
