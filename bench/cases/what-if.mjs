import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM, simulate } from '@maverick/engine';
import { definitionOf, emit, engineWith, runningCount } from '../lib/engine.mjs';
import { timed } from '../lib/measure.mjs';
import { writeOneLife } from '../lib/one-life.mjs';
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
  const end = writeOneLife(dir, LINES);
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
