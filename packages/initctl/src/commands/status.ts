import type { RemoteJob } from '@maverick/dbus/client';
import { instanceAnswer } from '../answers.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { isGone, isUnknownInstance, unless } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';
import { statusLine, statusNotes } from '../status-line.js';

/** Of a job without an instance: an instance knows it by itself. */
const stalenessOf = async (job: RemoteJob): Promise<string | undefined> =>
  (await unless(isGone, job.properties()))?.staleBecauseOf;

/** Scripts compare all that they get from a pipe: more than they know is for people, and for those who ask. */
const wantsMore = ({ options, isTerminal }: CommandContext): boolean =>
  options.has('long') || (!options.has('json') && isTerminal(1));

/**
 * `status JOB [KEY=VALUE]...`: that a job has no instance is an answer, unless one was asked for. The first line is that of the
 * original; lines after it say what is out of the ordinary, and, on a terminal or with `--long`, how it came to be so.
 */
export const status: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference } = found;
  const selectsInstance = reference.kind === 'named' && reference.env.length > 0;
  const instance = await unless((error) => !selectsInstance && isUnknownInstance(error), findInstance(found));
  const current = instance && (await unless(isGone, instance.status()));
  const stale = (current === undefined ? await stalenessOf(found.job) : current.staleBecauseOf) || undefined;
  const more = wantsMore(context)
    ? await (await import('../status-details.js')).statusDetails(context, found, current)
    : undefined;
  const notes = statusNotes(current?.paused ?? [], stale);
  context.output.answer(
    () => ({
      ...instanceAnswer(reference.job, current),
      paused: (current?.paused ?? []).map(({ role, pid }) => ({ role, pid })),
      staleBecauseOf: stale ?? null,
      ...(more && { details: more.data }),
    }),
    () => [statusLine(reference.job, current), ...notes, ...(more?.lines ?? [])].join('\n'),
  );
};
