import { readUtmp } from '@maverick/spawner';

/** What `PREVLEVEL` is where nobody knows. @see spec: engine.md 3.1 */
const UNKNOWN = 'N';

/** The runlevel that the machine is in, as far as utmp tells. */
const presentRunlevel = (): string => {
  try {
    const record = readUtmp().find(({ type }) => type === 'run-level');
    return record === undefined || record.pid % 256 === 0 ? UNKNOWN : String.fromCharCode(record.pid % 256);
  } catch {
    return UNKNOWN;
  }
};

/** The environment of a `runlevel` event. @see runlevel(7) */
export const runlevelEnv = (level: string, halt?: string): string[] => [
  `RUNLEVEL=${level}`,
  `PREVLEVEL=${presentRunlevel()}`,
  ...(halt === undefined ? [] : [`INIT_HALT=${halt}`]),
];
