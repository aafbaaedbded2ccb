import type { CommandHandler } from '../command.js';
import { describeInstance, isUnknownInstance, unless } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';

/** `status JOB [KEY=VALUE]...`: that a job has no instance is an answer, unless one was asked for. */
export const status: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference } = found;
  const selectsInstance = reference.kind === 'named' && reference.env.length > 0;
  const instance = await unless((error) => !selectsInstance && isUnknownInstance(error), findInstance(found));
  context.output.message(await describeInstance(reference.job, instance));
};
