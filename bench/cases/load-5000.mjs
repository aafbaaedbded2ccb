import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typicalJob, writeJobs } from '../lib/jobs.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'load-5000';
export const description = 'read, parse and resolve 5000 job files by @maverick/conf alone, in a fresh process';

const COUNT = 5000;
const LOAD = fileURLToPath(import.meta.resolve('../workers/load-conf.mjs'));
const REFERENCE = fileURLToPath(import.meta.resolve('../workers/load-json.mjs'));

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, signal }) => {
  const { parseConf } = await import('@maverick/conf');
  const folder = directory();
  const confDir = writeJobs(folder, COUNT, typicalJob);
  const parsed = join(folder, 'parsed.json');
  const confs = Array.from({ length: COUNT }, (_, index) => JSON.stringify(parseConf(typicalJob(index + 1)).conf));
  writeFileSync(parsed, JSON.stringify(confs));
  await compare({
    label: `${COUNT} jobs`,
    rounds: 7,
    subject: {
      name: 'readConfSources and resolveJobs: walk, read, parse, merge, defaults',
      run: () => runWorker([process.execPath, LOAD, confDir, String(COUNT)], { signal }),
    },
    reference: {
      name: 'read the same files, and JSON.parse of each parsed file',
      run: () => runWorker([process.execPath, REFERENCE, confDir, parsed], { signal }),
    },
  });
};
