import { trimMemory } from '@maverick/spawner';

/** How long the daemon has to have done next to nothing. */
const LOOK_MS = 500;

/** So much work in that time, in microseconds of processor time, is next to nothing. */
const NEXT_TO_NOTHING_US = 50_000;

/** Have V8 collect everything and give its pages back, which its debugger's protocol can ask for. */
const collectGarbage = async (): Promise<void> => {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  await new Promise<void>((resolve) => {
    session.post('HeapProfiler.collectGarbage', () => resolve());
  });
  // From within the answer it would wait for itself, for ever: the session is still at work on that.
  setImmediate(() => session.disconnect());
};

/**
 * Give back what is free of this process's memory: V8 and libc keep what a burst of work has used for the next one. The event loop
 * stands still meanwhile, some 30 to 80 ms with a thousand jobs. What can't be done is left.
 */
const giveBack = async (): Promise<void> => {
  // A Node built without its inspector has none: V8 collects some of it when it likes.
  await collectGarbage().catch(() => {});
  trimMemory();
};

/**
 * Give back, once, what the start of the daemon and its jobs has used: as soon as that is over, which is when there was next to
 * nothing to do for half a second. V8 would do it after half a minute, or (Node 26) never. Keeps nothing alive.
 * @returns what calls it off
 */
export const giveBackMemoryAtRest = (): (() => void) => {
  let before = process.cpuUsage();
  const look = (): void => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    if (user + system > NEXT_TO_NOTHING_US) return;
    clearInterval(looking);
    void giveBack();
  };
  const looking = setInterval(look, LOOK_MS).unref();
  return () => clearInterval(looking);
};
