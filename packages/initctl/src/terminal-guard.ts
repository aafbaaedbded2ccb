/** Signals by which a person, or the system, ends a program that is at work on a terminal. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Give the terminal back where a signal ends the program: restore it, and then die of the signal all the same, so that a
 * shell sees what has happened (status 130 for Control-C) and a script around it ends, too.
 * @returns what takes the guard away
 */
export const untilInterrupted = (restore: () => void): (() => void) => {
  const onSignal = (signal: NodeJS.Signals): void => {
    release();
    restore();
    process.kill(process.pid, signal);
  };
  const release = (): void => {
    for (const signal of ENDING) process.off(signal, onSignal);
  };
  for (const signal of ENDING) process.on(signal, onSignal);
  return release;
};
