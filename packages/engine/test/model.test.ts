import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { SYSTEM } from '../src/index.js';
import { Machine } from './helpers/machine.js';
import { type ModelInput, type ModelJob, newModel, type Phase, tellModel } from './helpers/model.js';

const { MAVERICK_RUNS = '150' } = process.env;

const JOBS = ['a', 'b', 'c'] as const;
const EVENTS = ['A', 'B', 'C'] as const;

const events = fc.uniqueArray(fc.constantFrom(...EVENTS), { maxLength: 2 });
const modelJob: fc.Arbitrary<ModelJob> = fc.record({ startOn: events, stopOn: events, saysReady: fc.boolean() });
const job = fc.constantFrom(...JOBS);

type Unnumbered = ModelInput extends infer T ? (T extends unknown ? Omit<T, 'request'> : never) : never;
const input: fc.Arbitrary<Unnumbered> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('start' as const, 'stop' as const, 'restart' as const), job }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('emit' as const), name: fc.constantFrom(...EVENTS) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ready' as const), job }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('exit' as const), job, code: fc.constantFrom(0, 1) }) },
);

const textOf = ({ startOn, stopOn, saysReady }: ModelJob): string =>
  [
    startOn.length > 0 ? `start on ${startOn.join(' or ')}` : '',
    stopOn.length > 0 ? `stop on ${stopOn.join(' or ')}` : '',
    saysReady ? 'expect stop' : '',
    'exec /bin/x',
  ].join('\n');

const PHASES: Readonly<Record<string, Phase>> = { spawned: 'coming', running: 'up', killed: 'ending' };

const send = (machine: Machine, given: ModelInput): void => {
  const process = 'job' in given ? machine.find(given.job)?.process : undefined;
  switch (given.kind) {
    case 'emit':
      machine.send({ ...given, session: SYSTEM, env: [], wait: true });
      return;
    case 'ready':
      if (process !== undefined) machine.send({ kind: 'process-stopped', process, signal: 19 });
      return;
    case 'exit':
      if (process !== undefined) machine.exit(process, { kind: 'exited', code: given.code });
      return;
    default:
      machine.send({ ...given, session: SYSTEM, wait: true });
  }
};

const answersOf = (machine: Machine): string[] =>
  machine.effects
    .splice(0)
    .flatMap((effect) =>
      effect.kind === 'reply' ? `${effect.request} ${effect.reply.ok ? 'ok' : effect.reply.code}` : [],
    );

test('the engine says what the model says: goals, where each job is, and who is answered what', {
  timeout: 60_000 + 100 * Number(MAVERICK_RUNS),
}, () => {
  fc.assert(
    fc.property(fc.tuple(modelJob, modelJob, modelJob), fc.array(input, { maxLength: 30 }), (jobs, inputs) => {
      const machine = new Machine();
      const model = newModel(Object.fromEntries(jobs.map((given, index) => [JOBS[index], given])));
      for (const [index, given] of jobs.entries()) machine.define(JOBS[index] ?? '', textOf(given));
      for (const [index, unnumbered] of inputs.entries()) {
        const given = { ...unnumbered, request: index + 1 } as ModelInput;
        tellModel(model, given);
        send(machine, given);
        expect([given, answersOf(machine).sort()]).toEqual([given, [...model.answers].sort()]);
        for (const [name, { goal, phase }] of model.jobs) {
          const instance = machine.engine.instance(SYSTEM, name, '');
          const seen = instance ? [instance.goal, PHASES[instance.state]] : ['stop', 'down'];
          expect([name, ...seen]).toEqual([name, goal, phase]);
        }
      }
    }),
    { numRuns: Number(MAVERICK_RUNS) },
  );
});
