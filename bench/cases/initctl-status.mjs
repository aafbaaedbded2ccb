import { join } from 'node:path';
import { startDaemon } from '../lib/daemon.mjs';
import { sleepingJob, writeJobs } from '../lib/jobs.mjs';
import { timeProcess } from '../lib/process.mjs';
import { ROOT } from '../lib/root.mjs';

export const name = 'initctl-status';
export const description = '`initctl status JOB` as a whole process, against a live daemon';

const INITCTL = join(ROOT, 'packages/initctl/bin/initctl.js');

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer, directory }) => {
  const folder = directory();
  const { env } = await startDaemon({ folder, confDir: writeJobs(folder, 1, sleepingJob), defer });
  await compare({
    label: 'status of one job',
    rounds: 21,
    subject: {
      name: 'node packages/initctl/bin/initctl.js status job-0001',
      run: async () => timeProcess([process.execPath, INITCTL, 'status', 'job-0001'], { env }),
    },
    reference: { name: 'node -e 0', run: async () => timeProcess([process.execPath, '-e', '0'], { env }) },
  });
};
