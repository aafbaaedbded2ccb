import type { CommandContext, CommandHandler } from '../command.js';
import { instanceNow } from '../instance-status.js';
import { type FoundJob, findInstance, findJob } from '../job-reference.js';
import { watchProgress } from '../progress.js';

/** Both end with an instance that is up, which is what the status line is about. */
type BringUp = 'start' | 'restart';

const perform = async (command: BringUp, found: FoundJob, { options }: CommandContext) => {
  const { reference, job } = found;
  if (reference.kind === 'named') return job[command](reference.env, { wait: !options.has('no-wait') });
  const instance = await findInstance(found);
  // A process of the job would wait for its own end.
  await instance[command]({ wait: false });
  return instance;
};

const bringUp =
  (command: BringUp): CommandHandler =>
  async (context) => {
    const found = await findJob(context);
    const what = `${command} ${found.reference.job}`;
    const instance = await watchProgress(context, found, what, () => perform(command, found, context));
    context.output.answer(...(await instanceNow(found.reference.job, instance)));
  };

/** `start JOB [KEY=VALUE]...` */
export const start = bringUp('start');

/** `restart JOB [KEY=VALUE]...` */
export const restart = bringUp('restart');
