import { bareStarts, emit, engineWith, runningCount } from '../lib/engine.mjs';
import { timed } from '../lib/measure.mjs';

export const name = 'engine-starts';
export const description = 'jobs started in the engine: a chain of 10000, 10000 by one event, 100 and 1000 to compare';

const ROUNDS = 7;

/** Without processes, each started by the one before. */
const link = (index) => (index === 0 ? 'start on go' : `start on started job${index - 1}`);
const SHAPES = [
  { what: 'a chain of', textOf: link, sizes: [1000, 10_000] },
  { what: 'by one event', textOf: () => 'start on go', sizes: [1000, 10_000] },
  { what: 'by one event, with a process each,', textOf: () => 'start on go\nexec /bin/x', sizes: [1000, 10_000] },
];

/** Start all; a process is confirmed as soon as it is asked for. */
const startAll = (engine) => {
  const effects = emit(engine, 'go');
  for (const effect of effects) {
    if (effect.kind !== 'spawn') continue;
    engine.dispatch({ kind: 'process-started', at: 0, process: effect.process, pid: effect.process });
  }
};

const measured = (size, textOf) => {
  const engine = engineWith(size, textOf);
  const ms = timed(() => startAll(engine));
  if (runningCount(engine) !== size) throw new Error(`${runningCount(engine)} of ${size} jobs run`);
  return ms;
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare }) => {
  for (const { what, textOf, sizes } of SHAPES) {
    for (const size of sizes) {
      await compare({
        label: `${what} ${size}`,
        rounds: ROUNDS,
        subject: { name: 'Engine.dispatch() of the event that starts every job', run: () => measured(size, textOf) },
        reference: {
          name: 'an object for each job and 40 that tell of its start',
          run: () => timed(() => bareStarts(size, 40)),
        },
      });
    }
  }
};
