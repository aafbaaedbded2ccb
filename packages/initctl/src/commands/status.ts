import type { RemoteJob } from '@maverick/dbus/client';
import type { CommandHandler } from '../command.js';
import { isGone, isUnknownInstance, unless } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';
import { statusLine, statusNotes } from '../status-line.js';

/** Of a job without an instance: an instance knows it by itself. */
const stalenessOf = async (job: RemoteJob): Promise<string | undefined> =>
  (await unless(isGone, job.properties()))?.staleBecauseOf;

/**
 * `status JOB [KEY=VALUE]...`: that a job has no instance is an answer, unless one was asked for. The first line is that of the
 * original; lines after it say what is out of the ordinary.
 */
export const status: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference } = found;
  const selectsInstance = reference.kind === 'named' && reference.env.length > 0;
  const instance = await unless((error) => !selectsInstance && isUnknownInstance(error), findInstance(found));
  const current = instance && (await unless(isGone, instance.status()));
  const stale = current === undefined ? await stalenessOf(found.job) : current.staleBecauseOf;
  const lines = [statusLine(reference.job, current), ...statusNotes(current?.paused ?? [], stale)];
  context.output.message(lines.join('\n'));
};
