import type { CommandHandler } from '../command.js';
import { describeInstance } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';

/** `start JOB [KEY=VALUE]...` */
export const start: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference, job } = found;
  const wait = !context.options.has('no-wait');
  if (reference.kind === 'named') {
    const instance = await job.start(reference.env, { wait });
    context.output.message(await describeInstance(reference.job, instance));
    return;
  }
  const instance = await findInstance(found);
  // A process of the job would wait for its own end.
  await instance.start({ wait: false });
  context.output.message(await describeInstance(reference.job, instance));
};
