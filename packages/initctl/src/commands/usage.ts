import type { CommandHandler } from '../command.js';
import { findJob } from '../job-reference.js';

/** `usage JOB`: the job's `usage` stanza. */
export const usage: CommandHandler = async (context) => {
  const { job } = await findJob(context);
  const properties = await job.properties();
  const text = properties.usage ?? '';
  context.output.answer(
    () => ({ job: properties.name, usage: text || null }),
    () => `Usage: ${text}`,
  );
};
