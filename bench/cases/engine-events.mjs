import { bareEvents, emit, engineWith } from '../lib/engine.mjs';
import { timed } from '../lib/measure.mjs';

export const name = 'engine-events';
export const description = '100,000 events through an engine that knows 10, 1000 and 10000 jobs';

const EVENTS = 100_000;
const ROUNDS = 7;
const SIZES = [10, 1000, 10_000];

const job = (index) =>
  `start on started job${index + 1} or event${index}\nstop on stopping job${index + 1}\nexec /bin/x`;
/** One job listens, and remembers. */
const withOneInterested = (index) => (index === 0 ? 'start on tick and tock\nexec /bin/x' : job(index));

const emitAll = (engine) => {
  for (let event = 0; event < EVENTS; event += 1) emit(engine, 'tick', event);
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare }) => {
  const listeners = new Map([['tick', new Set([1])]]);
  for (const [interest, textOf] of [
    ['nobody interested', job],
    ['one interested', withOneInterested],
  ]) {
    for (const size of SIZES) {
      const engine = engineWith(size, textOf);
      await compare({
        label: `${size} jobs, ${interest}`,
        rounds: ROUNDS,
        subject: {
          name: `Engine.dispatch() of ${EVENTS} events, each queued, handled and finished`,
          run: () => timed(() => emitAll(engine)),
        },
        reference: {
          name: 'a look-up in a Map and six objects that tell of it, as often',
          run: () => timed(() => bareEvents(listeners, EVENTS)),
        },
      });
    }
  }
};
