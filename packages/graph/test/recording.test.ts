import { type Effect, Engine, type Input, type JournalLine, replay } from '@maverick/engine';
import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
// Random jobs and histories are those of the engine's own properties.
import { EndlessError, Machine } from '../../engine/test/helpers/machine.js';
import { history, play } from '../../engine/test/helpers/random.js';
import { snapshotLine } from '../../supervisor/src/journal.js';
import { historiesOf, recordingOf } from '../src/index.js';

const OPTIONS = { semantics: 'maverick', env: ['PATH=/bin'] } as const;
const { MAVERICK_RUNS = '100' } = process.env;
const numRuns = Number(MAVERICK_RUNS);

type States = Readonly<Record<string, string>>;

/** Goal and state of every instance. */
const statesOf = (engine: Pick<Engine, 'sessions' | 'jobs'>): States =>
  Object.fromEntries(
    engine
      .sessions()
      .flatMap(({ session }) => engine.jobs(session))
      .flatMap(({ instances }) => instances)
      .map(({ ref, goal, state }) => [`${ref.session}/${ref.job}/${ref.instance}`, `${goal}/${state}`]),
  );

const lineOf = (what: string, at: number, details: object): JournalLine => ({
  at,
  time: new Date(at).toISOString(),
  what,
  ...details,
});

/** The journal of a live run, as it is read, and the states after each of its inputs. */
const liveRun = (given: Parameters<typeof play>[1]) => {
  const machine = new Machine({ semantics: 'maverick' });
  const texts = [
    JSON.stringify(lineOf('began', machine.now, { pid: 1, continued: false, inputs: 0, options: OPTIONS })),
  ];
  const states: States[] = [];
  /** Where each input stands, and the snapshot that would stand before it. */
  const beginnings: { readonly place: number; readonly snapshot: string }[] = [];
  const note = () => states.push(statesOf(machine.engine));
  machine.onInput = (input: Input) => {
    if (machine.engine.inputs > 0) note();
    const engine = machine.engine.snapshotText();
    const snapshot = snapshotLine({ pid: 1, options: OPTIONS, moment: undefined }, engine, {
      at: input.at,
      wall: input.at,
    });
    beginnings.push({ place: texts.length, snapshot });
    texts.push(JSON.stringify(lineOf('input', input.at, { number: machine.engine.inputs + 1, input })));
  };
  machine.onEffect = ({ kind, ...effect }: Effect) => {
    const { instance, ...rest } = effect as { readonly instance?: object };
    texts.push(JSON.stringify(lineOf(kind, machine.now, { ...instance, ...rest })));
  };
  try {
    play(machine, given, () => {});
  } catch (error) {
    if (!(error instanceof EndlessError)) throw error;
  }
  note();
  return { texts, states, beginnings };
};

const linesOf = (texts: readonly string[]): JournalLine[] => texts.map((text) => JSON.parse(text) as JournalLine);

/** What is made of the journal's facts, without an engine, ends where the engine did. */
const expectOpenRuns = (lines: readonly JournalLine[], states: States | undefined): void => {
  const open = historiesOf(lines)
    .flatMap(({ runs }) => runs)
    .filter(({ ended }) => ended === undefined);
  const told = open.map(({ ref, phases }) => [`${ref.session}/${ref.job}/${ref.instance}`, phases.at(-1)?.state]);
  const live = Object.entries(states ?? {}).map(([name, text]) => [name, text.split('/')[1]]);
  expect(told.toSorted()).toEqual(live.filter(([, state]) => state !== 'waiting').toSorted());
};

test('a replay of the journal has the same states after every input as the live run had', {
  timeout: 60_000 + numRuns * 100,
}, () => {
  fc.assert(
    fc.property(history(true), (given) => {
      const { texts, states } = liveRun(given);
      const lines = linesOf(texts);
      const recording = recordingOf(lines);
      if (recording === undefined) throw new Error('no recording');
      const engine = new Engine(recording.options);
      const again = recording.inputs.map((input) => {
        engine.dispatch(input);
        return statesOf(engine);
      });
      expect(again).toEqual(states);
      expect(statesOf(replay(recording).engine)).toEqual(states.at(-1));
      expectOpenRuns(lines, states.at(-1));
    }),
    { numRuns },
  );
});

test('so has a replay of what is left of a journal, from a snapshot on', { timeout: 60_000 + numRuns * 100 }, () => {
  fc.assert(
    fc.property(history(true), fc.double({ min: 0, max: 1, noNaN: true }), (given, where) => {
      const { texts, states, beginnings } = liveRun(given);
      const index = Math.floor(where * (beginnings.length - 1));
      const from = beginnings[index];
      if (from === undefined) throw new Error('no input');
      // Of the file before the end is there, and it has lost lines.
      const lines = linesOf([
        ...texts.slice(1, from.place).slice(-5),
        JSON.stringify({ what: 'journal-dropped', lines: 1 }),
        from.snapshot,
        ...texts.slice(from.place),
      ]);
      const recording = recordingOf(lines);
      if (recording?.snapshot === undefined) throw new Error('no recording');
      const engine = Engine.restore(recording.snapshot, recording.options);
      const again = recording.inputs.map((input) => {
        engine.dispatch(input);
        return statesOf(engine);
      });
      expect(again).toEqual(states.slice(index));
      expectOpenRuns(linesOf([from.snapshot, ...texts.slice(from.place)]), states.at(-1));
    }),
    { numRuns },
  );
});

test('a journal that begins later, or has lost lines, is no recording', () => {
  const began = lineOf('began', 1, { continued: false, inputs: 0, options: OPTIONS });
  const input = lineOf('input', 2, { input: { kind: 'emit', at: 2, session: '', name: 'a', env: [] } });
  expect(recordingOf([input])).toBeUndefined();
  expect(recordingOf([lineOf('began', 1, { continued: true, inputs: 7 }), input])).toBeUndefined();
  expect(recordingOf([began, input, lineOf('journal-dropped', 3, { lines: 1 })])).toBeUndefined();
  expect(recordingOf([began, input, began, input])?.inputs).toHaveLength(1);
  const goingOn = lineOf('began', 3, { continued: true, inputs: 1 });
  expect(recordingOf([began, input, goingOn, input])?.inputs).toHaveLength(2);
});
