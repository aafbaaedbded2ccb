import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleepingJob, writeJobs } from '../lib/jobs.mjs';
import { writeOneLife } from '../lib/one-life.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'journal';
export const description = 'start of 1000 jobs with and without a journal, and a journal of a million lines read';

const SUPERVISOR = fileURLToPath(import.meta.resolve('../workers/start-supervisor.mjs'));
const READER = fileURLToPath(import.meta.resolve('../workers/read-journal.mjs'));
const SIZE = 1000;
const MILLION = 1_000_000;

/** What a million lines of one life are read for, as the commands do it. */
const READINGS = ['journal', 'history', 'timeline', 'critical-chain'];

/** The lines of the start of these jobs over and over: as many lives of a daemon. */
const writeManyLives = (from, dir) => {
  const text = readFileSync(from, 'utf8');
  const lines = text.trimEnd().split('\n').length;
  writeFileSync(join(dir, 'journal.jsonl'), text.repeat(Math.ceil(MILLION / lines)));
};

/** How many bytes of journal there are for each change of a state. */
const bytesAChange = (file) => {
  const text = readFileSync(file, 'utf8');
  return Math.round(text.length / text.match(/"what":"state-changed"/g).length);
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, signal }) => {
  const folder = directory();
  const confDir = writeJobs(folder, SIZE, sleepingJob);
  const journal = join(folder, 'journal');
  const start = (...more) => runWorker([process.execPath, SUPERVISOR, confDir, String(SIZE), ...more], { signal });
  await compare({
    label: `${SIZE} jobs`,
    rounds: 7,
    subject: {
      name: 'the case `start`, with a journal',
      run: () => {
        rmSync(journal, { recursive: true, force: true });
        return start('', journal);
      },
    },
    reference: { name: 'the same without one', run: () => start() },
  });
  const start1000 = join(journal, 'journal.jsonl');
  const read = (what, dir, label) =>
    compare({
      label,
      rounds: 3,
      subject: {
        name: 'what the command does with the files, without printing; ms of CPU',
        run: () => runWorker([process.execPath, READER, dir, what], { signal }),
      },
      reference: {
        name: '`JSON.parse` of every line; ms of CPU',
        run: () => runWorker([process.execPath, READER, dir, 'parse'], { signal }),
      },
    });
  const [oneLife, manyLives] = [directory(), directory()];
  writeOneLife(oneLife, MILLION);
  for (const what of READINGS) await read(what, oneLife, `${what}, one life of a million lines`);
  writeManyLives(start1000, manyLives);
  const bytes = bytesAChange(start1000);
  await read('timeline', manyLives, `timeline, the last of many lives (${bytes} bytes for each change of a state)`);
};
