import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Simulator, SYSTEM, simulate } from '@maverick/engine';
import { definitionOf, emit, engineWith, runningCount } from '../lib/engine.mjs';
import { timed } from '../lib/measure.mjs';
import { timeProcess } from '../lib/process.mjs';
import { ROOT } from '../lib/root.mjs';

export const name = 'what-if';
export const description =
  '`simulate` of a boot of 1,000 jobs, and `explain --at` over a journal of a million lines, in the library and as commands';

const INITCTL = join(ROOT, 'packages/initctl/bin/initctl.js');
const JOBS = 1000;
const LINES = 1_000_000;

/** A tree: each job starts two others, and has a process. */
const textOf = (index) =>
  index === 0 ? 'start on startup\nexec /bin/x' : `start on started job${(index - 1) >> 1}\nexec /bin/x`;

const startup = { kind: 'emit', session: SYSTEM, name: 'startup', env: [] };

/** The same boot without a simulator around the engine. */
const bareBoot = () => {
  const engine = engineWith(JOBS, textOf);
  for (const effects = emit(engine, 'startup'); effects.length > 0; ) {
    const { kind, process } = effects.shift();
    if (kind === 'spawn') effects.push(...engine.dispatch({ kind: 'process-started', at: 0, process, pid: process }));
  }
  if (runningCount(engine) !== JOBS) throw new Error('not all jobs run');
};

const simulatedBoot = (definitions) => {
  const { states } = simulate(definitions, [startup]);
  if (states.filter(({ state }) => state === 'running').length !== JOBS) throw new Error('not all jobs run');
};

/** A journal as the daemon writes it: fifty services that are started and stopped for as long as it takes. */
const writeJournal = (dir, lines) => {
  const fd = openSync(join(dir, 'journal.jsonl'), 'w');
  const simulator = new Simulator();
  const began = Date.UTC(2026, 0, 1);
  let [written, inputs, effects] = [0, 0, 0];
  let pending = [];
  const write = (at, what, more) => {
    pending.push(JSON.stringify({ at, time: new Date(began + at).toISOString(), what, ...more }));
    written += 1;
  };
  const tell = () => {
    for (; inputs < simulator.inputs.length; inputs += 1) {
      const input = simulator.inputs[inputs];
      write(input.at, 'input', { session: SYSTEM, number: inputs + 1, input });
    }
    for (; effects < simulator.timeline.length; effects += 1) {
      const { at, effect } = simulator.timeline[effects];
      const { kind, instance, definition: _definition, env: _env, ...rest } = effect;
      if (kind !== 'log') write(at, kind, { ...instance, ...rest });
    }
    writeSync(fd, `${pending.join('\n')}\n`);
    pending = [];
  };
  write(0, 'began', { pid: 1, continued: false, inputs: 0, options: {} });
  for (let index = 0; index < 50; index += 1) {
    simulator.define(`job${index}`, definitionOf(`start on up${index % 5}\nstop on down${index % 5}\nexec /bin/x`));
  }
  for (let at = 10; written < lines; at += 10) {
    simulator.schedule({ ...startup, name: `${at % 20 === 0 ? 'down' : 'up'}${((at / 20) % 5) | 0}` }, at);
    simulator.runUntil(at);
    tell();
  }
  closeSync(fd);
  return new Date(began + simulator.now).toISOString();
};

const countLines = (file) => {
  let count = 0;
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory }) => {
  const definitions = Object.fromEntries(
    Array.from({ length: JOBS }, (_, index) => [`job${index}`, definitionOf(textOf(index))]),
  );
  await compare({
    label: 'simulate() of a boot of 1,000 jobs',
    rounds: 7,
    subject: { name: 'simulate()', run: () => timed(() => simulatedBoot(definitions)) },
    reference: { name: 'the engine alone, its job files read too', run: () => timed(bareBoot) },
  });
  const confDir = directory();
  for (const [index] of Object.keys(definitions).entries())
    writeFileSync(join(confDir, `job${index}.conf`), textOf(index));
  const empty = { name: 'an empty Node', run: () => timeProcess([process.execPath, '-e', '']) };
  await compare({
    label: 'initctl simulate of it',
    rounds: 5,
    subject: {
      name: 'initctl simulate --confdir',
      run: () => timeProcess([process.execPath, INITCTL, 'simulate', 'startup', '--confdir', confDir]),
    },
    reference: empty,
  });
  const dir = directory();
  const end = writeJournal(dir, LINES);
  const file = join(dir, 'journal.jsonl');
  await compare({
    label: 'explain --at over a million lines',
    rounds: 3,
    subject: {
      name: 'initctl explain --at the end',
      run: () => timeProcess([process.execPath, INITCTL, 'explain', 'job7', '--at', end, '--journal-dir', dir]),
    },
    reference: { name: 'reading the file and counting its lines', run: () => timed(() => countLines(file)) },
  });
};
