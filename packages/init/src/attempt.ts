import type { Log } from './log.js';

/** What an exception says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Do what the daemon can go on without; what is missing then is said once. */
export const attempt = <T>(log: Log, failure: string, act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    log.write('warn', `${failure}: ${messageOf(error)}`);
    return undefined;
  }
};
