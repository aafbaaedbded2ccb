import type { RemoteJob, UpstartClient } from '@maverick/dbus/client';
import type { CommandContext } from './command.js';

/** What somebody waits for. */
export type ProgressSubject = { readonly upstart: UpstartClient } & (
  | { readonly job: RemoteJob; readonly reference: { readonly job: string } }
  | { readonly event: string }
);

/** Who waits shorter than this needs no explanation. */
const PATIENCE_MS = 1000;

/**
 * Do something that may take long. On a terminal a line tells from the second second on what is waited for, and goes when it
 * is over or Control-C ends the program. Nothing of that is loaded before.
 * @param what the command, in words
 */
export const watchProgress = async <T>(
  context: Pick<CommandContext, 'isTerminal' | 'columns' | 'env' | 'writeRaw'>,
  subject: ProgressSubject,
  what: string,
  work: () => Promise<T>,
): Promise<T> => {
  if (!context.isTerminal(2)) return work();
  let end = (): void => {};
  const show = async (): Promise<void> => {
    const { showProgress } = await import('./progress-line.js');
    if (!timer.hasRef()) return;
    end = showProgress(context, subject, what, PATIENCE_MS);
  };
  const timer = setTimeout(() => void show(), PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    timer.unref();
    end();
  }
};
