import type { CommandHandler } from '../command.js';
import { instanceNow } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';
import { watchProgress } from '../progress.js';

/** `stop JOB [KEY=VALUE]...` */
export const stop: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference, job } = found;
  // Asked for first: it is what the status line is about, and a missing parameter is answered with the job's usage.
  const instance = await findInstance(found);
  const wait = !context.options.has('no-wait');
  // A process of the job would wait for its own end.
  if (reference.kind === 'self') await instance.stop({ wait: false });
  else {
    await watchProgress(context, found, `stop ${reference.job}`, () => job.stop(reference.env, { wait }));
  }
  context.output.answer(...(await instanceNow(reference.job, instance)));
};
