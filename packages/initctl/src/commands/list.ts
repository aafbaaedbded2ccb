import type { ListedJob } from '@maverick/dbus/client';
import { jobAnswer } from '../answers.js';
import type { CommandHandler } from '../command.js';
import { statusLine } from '../status-line.js';

const linesOf = ({ name, instances }: ListedJob): string[] =>
  instances.length === 0
    ? [statusLine(name, undefined)]
    : instances.map((instance) => statusLine(name, instance.status));

/** `list`: a line for each instance, or for the job if it has none. */
export const list: CommandHandler = async (context) => {
  const upstart = await context.connect();
  if (context.options.has('tree')) return (await import('../tree-view.js')).listTree(context, upstart);
  const jobs = await upstart.list();
  context.output.answer(
    () => ({ jobs: jobs.map(jobAnswer) }),
    () => jobs.flatMap(linesOf).join('\n'),
  );
};
