import { SYSTEM } from '@maverick/engine';
import type { Supervisor, SupervisorListener } from '@maverick/supervisor';

/** The machine is going down: halt, reboot. */
const DOWN = new Set(['RUNLEVEL=0', 'RUNLEVEL=6']);

/**
 * Hold as little open as can be from when the machine goes down (`runlevel` 0 or 6) on, so that the scripts that unmount need
 * not ask: configuration is no longer watched, the journal goes where it can stay, and a log file is closed whenever a
 * process has ended. What is still written to a log opens it again; only `ReleaseFiles` holds that back.
 * @param journals where the journal is as a rule, and where it goes then; absent: nowhere
 */
export const releaseAtShutdown = (
  supervisor: Pick<Supervisor, 'releaseConfiguration' | 'resumeFiles' | 'reopenLogs'>,
  journals: { readonly usual?: string | undefined; readonly atShutdown?: string | undefined },
): SupervisorListener => {
  let goesDown = false;
  const follow = (isDown: boolean): void => {
    if (isDown === goesDown) return;
    goesDown = isDown;
    if (isDown) void supervisor.releaseConfiguration({ journalDir: journals.atShutdown });
    // Somebody has thought better of it.
    else void supervisor.resumeFiles({ journalDir: journals.usual });
  };
  return (event) => {
    // A runlevel in the session of a chroot or a user is not the machine's.
    if (event.kind === 'event-handling' && event.session === SYSTEM && event.name === 'runlevel')
      follow(event.env.some((entry) => DOWN.has(entry)));
    if (goesDown && event.kind === 'process-ended') supervisor.reopenLogs();
  };
};
