import type { ListedJob } from '@maverick/dbus/client';
import { jobAnswer } from '../answers.js';
import type { CommandHandler } from '../command.js';
import { statusLine } from '../status-line.js';

/** The lines of a job. @param name as they call it */
export const linesOf = ({ name, instances }: ListedJob, called = name): string[] =>
  instances.length === 0
    ? [statusLine(called, undefined)]
    : instances.map((instance) => statusLine(called, instance.status));

/** Jobs of several sessions may have the same name: then those of others than the system's say whose they are. */
const allLines = (jobs: readonly ListedJob[], sessionOf: (path: string) => string): string[] => {
  const seen = new Set<string>();
  const ambiguous = new Set<string>();
  for (const { name } of jobs) (seen.has(name) ? ambiguous : seen).add(name);
  return jobs.flatMap((job) => {
    const session = ambiguous.has(job.name) ? sessionOf(job.path) : '';
    return linesOf(job, session === '' ? job.name : `${session}/${job.name}`);
  });
};

/** `list`: a line for each instance, or for the job if it has none. */
export const list: CommandHandler = async (context) => {
  const upstart = await context.connect();
  if (context.options.has('tree')) return (await import('../tree-view.js')).listTree(context, upstart);
  const jobs = await upstart.list();
  // It was read for the connection.
  const { sessionOfPath } = await import('@maverick/dbus/client');
  context.output.answer(
    () => ({ jobs: jobs.map((job) => ({ ...jobAnswer(job), session: sessionOfPath(job.path) })) }),
    () => allLines(jobs, sessionOfPath).join('\n'),
  );
};
