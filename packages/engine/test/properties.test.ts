import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '../src/index.js';
import { disorderOf, faultsOf } from './helpers/invariants.js';
import { EndlessError, Machine } from './helpers/machine.js';
import { Outcomes } from './helpers/outcomes.js';
import { Calls, comeToRest, history, play } from './helpers/random.js';

/** More runs: `MAVERICK_RUNS=100000 npx vitest run --project @maverick/engine properties`. */
const { MAVERICK_RUNS = '150' } = process.env;
const numRuns = Number(MAVERICK_RUNS);

const SEMANTICS = ['maverick', 'upstart'] as const;

/** Histories that never end are none of our business. */
const unlessEndless = (act: () => void): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof EndlessError)) throw error;
  }
};

describe.each(SEMANTICS)('random jobs and histories, semantics %s', (semantics) => {
  const histories = history(semantics === 'maverick');

  test('the invariants hold after every input, and every waiting call is answered once when all is at rest', () => {
    fc.assert(
      fc.property(histories, (given) => {
        unlessEndless(() => {
          const machine = new Machine({ semantics });
          const outcomes = new Outcomes(given);
          const check = () => {
            const snapshot = machine.engine.snapshot();
            expect(faultsOf(snapshot)).toEqual([]);
            if (semantics === 'maverick' && outcomes.ordered) expect(disorderOf(snapshot)).toEqual([]);
          };
          const calls = new Calls();
          if (semantics === 'maverick') calls.onWait = (request, kind) => outcomes.asked(request, kind);
          machine.onEffect = (effect) => outcomes.see(effect);
          play(machine, given, check, calls);
          const rests = comeToRest(machine, calls, check);
          expect(outcomes.faults).toEqual([]);
          for (const [request, answers] of calls.answers) expect([request, answers.length]).toEqual([request, 1]);
          if (!rests || semantics === 'upstart') return;
          expect(calls.unanswered()).toEqual([]);
          const { events, sessions } = machine.engine.snapshot();
          expect(events).toEqual([]);
          const instances = sessions.flatMap(({ classes }) => classes.flatMap((jobClass) => jobClass.instances));
          expect(instances.map(({ name, goal, state }) => [name, goal, state])).toEqual(
            instances.map(({ name }) => [name, 'start', 'running']),
          );
        });
      }),
      { numRuns },
    );
  });

  test('the end of the session comes to its end', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const machine = new Machine({ semantics });
        const effects = new Set<string>();
        machine.onEffect = ({ kind }) => effects.add(kind);
        unlessEndless(() => {
          const calls = play(machine, given, () => {});
          machine.send({ kind: 'quiesce', type: 'shutdown' });
          comeToRest(machine, calls, () => {});
          expect(effects).toContain('exit');
        });
      }),
      { numRuns },
    );
  });

  test('an engine restored from JSON before every input has the same effects', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const traces = [false, true].map((restoring) => {
          const machine = new Machine({ semantics });
          const trace: string[] = [];
          machine.onEffect = (effect) => trace.push(JSON.stringify(effect));
          if (restoring) {
            machine.beforeInput = () => {
              machine.engine = Engine.restore(JSON.parse(JSON.stringify(machine.engine.snapshot())));
            };
          }
          unlessEndless(() => play(machine, given, () => {}));
          return trace;
        });
        expect(traces[1]).toEqual(traces[0]);
      }),
      { numRuns },
    );
  });
});
