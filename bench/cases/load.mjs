import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typicalJob, writeJobs } from '../lib/jobs.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'load';
export const description = 'configuration load of 10, 100 and 1000 job files, in a fresh process';

const SUPERVISOR = fileURLToPath(import.meta.resolve('../workers/load-supervisor.mjs'));
const REFERENCE = fileURLToPath(import.meta.resolve('../workers/load-json.mjs'));
const ROUNDS = { 10: 9, 100: 9, 1000: 7 };

/** The same jobs as one JSON document a job: what the load would cost if there were nothing to parse. */
const writeParsed = async (confDir, file, count) => {
  const { readConfigurationFiles } = await import('@maverick/supervisor');
  const { jobs, diagnostics } = readConfigurationFiles([confDir]);
  if (jobs.length !== count || diagnostics.length > 0) {
    throw new Error(`the sample jobs do not load: ${jobs.length} of ${count}, ${diagnostics[0]?.message}`);
  }
  writeFileSync(file, JSON.stringify(jobs.map(({ definition }) => JSON.stringify(definition))));
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, signal }) => {
  const folder = directory();
  for (const [size, rounds] of Object.entries(ROUNDS)) {
    const count = Number(size);
    const confDir = writeJobs(folder, count, typicalJob);
    const parsed = join(folder, `parsed-${count}.json`);
    await writeParsed(confDir, parsed, count);
    await compare({
      label: `${count} jobs`,
      rounds,
      subject: {
        name: 'Supervisor.reloadConfiguration() of a new supervisor: read, parse, define every job in the engine',
        run: () => runWorker([process.execPath, SUPERVISOR, confDir, size], { signal }),
      },
      reference: {
        name: 'read the same files, and JSON.parse of each parsed definition',
        run: () => runWorker([process.execPath, REFERENCE, confDir, parsed], { signal }),
      },
    });
  }
};
