import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleepingJob, writeJobs } from '../lib/jobs.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'state';
export const description = 'start of 1000 jobs by one event, with everything kept for after a crash';

const SUPERVISOR = fileURLToPath(import.meta.resolve('../workers/start-supervisor.mjs'));
const ROUNDS = { 1000: 7 };

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, signal }) => {
  const folder = directory();
  for (const [size, rounds] of Object.entries(ROUNDS)) {
    const confDir = writeJobs(folder, Number(size), sleepingJob);
    await compare({
      label: `${size} jobs`,
      rounds,
      subject: {
        name: 'the case `start`, with a `stateDir`',
        run: () => runWorker([process.execPath, SUPERVISOR, confDir, size, join(folder, 'state')], { signal }),
      },
      reference: {
        name: 'the same without one',
        run: () => runWorker([process.execPath, SUPERVISOR, confDir, size], { signal }),
      },
    });
  }
};
