/** Time, as the supervisor needs it. Everything is in milliseconds. */
export interface Clock {
  /** Monotonic, never decreasing; its zero is the clock's own. */
  now(): number;
  /** Wall clock, since 1970-01-01 UTC. */
  wall(): number;
  /** Call back once, not before {@link now} has reached `dueAt`. Returns what cancels it. */
  at(dueAt: number, callback: () => void): () => void;
}

/** The longest delay that Node's timers take. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const monotonic = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};

/** The machine's clocks: CLOCK_MONOTONIC, CLOCK_REALTIME and Node's timers. */
export const systemClock: Clock = {
  now: monotonic,
  wall: Date.now,
  at(dueAt, callback) {
    let timer: NodeJS.Timeout;
    // Node may fire up to a millisecond early, and cuts long delays: go round until the time has really come.
    const arm = (): void => {
      const delay = Math.ceil(dueAt - monotonic());
      timer = setTimeout(() => (monotonic() >= dueAt ? callback() : arm()), Math.min(Math.max(delay, 0), MAX_DELAY_MS));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
