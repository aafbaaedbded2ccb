import { describe, expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { type Effect, Engine, type EngineSnapshot, type Input, replay } from '../src/index.js';
import { disorderOf, faultsOf } from './helpers/invariants.js';
import { EndlessError, Machine } from './helpers/machine.js';
import { Outcomes } from './helpers/outcomes.js';
import { Calls, comeToRest, history, play } from './helpers/random.js';

/** More runs: `MAVERICK_RUNS=100000 npx vitest run --project @maverick/engine properties`. */
const { MAVERICK_RUNS = '150' } = process.env;
const numRuns = Number(MAVERICK_RUNS);
/** Some histories are long: this is for those that never end. */
const timeout = 60_000 + numRuns * 100;

const SEMANTICS = ['maverick', 'upstart'] as const;

/** Histories that never end are none of our business. */
const unlessEndless = (act: () => void): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof EndlessError)) throw error;
  }
};

describe.each(SEMANTICS)('random jobs and histories, semantics %s', { timeout }, (semantics) => {
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
          return { trace, snapshot: machine.engine.snapshot() };
        });
        expect(traces[1]).toEqual(traces[0]);
      }),
      { numRuns },
    );
  });

  test('a replay of the inputs, from the beginning or from any snapshot, has the same effects and ends in the same state', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (given, cut) => {
        const machine = new Machine({ semantics });
        const inputs: Input[] = [];
        const effects: Effect[] = [];
        const snapshots: EngineSnapshot[] = [];
        machine.onInput = (input) => {
          if (inputs.length === cut) snapshots.push(machine.engine.snapshot());
          inputs.push(input);
        };
        machine.onEffect = (effect) => effects.push(effect);
        unlessEndless(() => play(machine, given, () => {}));
        const options = { semantics, env: ['PATH=/bin'] };
        const whole = replay({ options, inputs: JSON.parse(JSON.stringify(inputs)) });
        expect(whole.steps.flatMap((step) => step.effects)).toEqual(effects);
        const [snapshot] = snapshots;
        const rest = snapshot ? replay({ snapshot, inputs: inputs.slice(cut) }) : whole;
        const last = rest.steps.flatMap((step) => step.effects);
        expect(last).toEqual(effects.slice(effects.length - last.length));
        for (const { engine } of [whole, rest]) expect(engine.snapshot()).toEqual(machine.engine.snapshot());
      }),
      { numRuns },
    );
  });

  test('no process is started twice, none is forgotten, and everything can be explained', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const machine = new Machine({ semantics });
        const started = new Set<number>();
        machine.onEffect = (effect) => {
          if (effect.kind !== 'spawn') return;
          expect(started).not.toContain(effect.process);
          started.add(effect.process);
          const { instance: ref, role } = effect;
          const twins = [...machine.processes.values()].filter(
            (other) =>
              other.session === ref.session &&
              other.job === ref.job &&
              other.instance === ref.instance &&
              other.role === role,
          );
          expect(twins).toEqual([]);
        };
        const check = () => {
          const { processes, events, sessions } = machine.engine.snapshot();
          expect(processes.map(({ id }) => id).sort()).toEqual([...machine.processes.keys()].sort());
          for (const { id } of events) expect(machine.engine.explain({ event: id })?.sentences).not.toEqual([]);
          for (const { id: session, classes } of sessions) {
            for (const { name: job } of classes) {
              expect(machine.engine.explain({ session, job })?.sentences).not.toEqual([]);
            }
          }
        };
        unlessEndless(() => play(machine, given, check));
      }),
      { numRuns },
    );
  });
});
