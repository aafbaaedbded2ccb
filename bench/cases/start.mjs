import { fileURLToPath } from 'node:url';
import { sleepingJob, writeJobs } from '../lib/jobs.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'start';
export const description = 'start of 100 and 1000 jobs by one event, until the last main process runs';

const SUPERVISOR = fileURLToPath(import.meta.resolve('../workers/start-supervisor.mjs'));
const ROUNDS = { 100: 9, 1000: 5 };

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, native, signal }) => {
  const folder = directory();
  const spawnMany = native('spawn-many');
  for (const [size, rounds] of Object.entries(ROUNDS)) {
    const confDir = writeJobs(folder, Number(size), sleepingJob);
    await compare({
      label: `${size} jobs`,
      rounds,
      subject: {
        name: 'Supervisor.emit() of the event that starts every job, each `exec /bin/sleep`, to the last `running`',
        run: () => runWorker([process.execPath, SUPERVISOR, confDir, size], { signal }),
      },
      reference: {
        name: 'posix_spawn of as many /bin/sleep, from C',
        run: () => runWorker([spawnMany, size, '/bin/sleep', '300'], { signal }),
      },
    });
  }
};
