import type { JobProperties } from '@maverick/dbus/client';

/** Upstart before 1.3 does not tell what a job starts and stops on, and nothing at all would look like "never". */
const TOO_OLD = 'the init daemon is too old to tell what jobs emit, start on and stop on';

const isIncomplete = ({ emits, startOn, stopOn }: JobProperties): boolean =>
  emits === undefined || startOn === undefined || stopOn === undefined;

/** Say it where the daemon does not tell everything. @returns whether that is so */
export const tellIfTooOld = (jobs: readonly JobProperties[], warn: (text: string) => void): boolean => {
  const tooOld = jobs.some(isIncomplete);
  if (tooOld) warn(TOO_OLD);
  return tooOld;
};
