import { type InstanceRef, SYSTEM } from '@maverick/engine';

/** `JOB`, or `JOB (INSTANCE)`: as the log and `initctl list` name it; a job of a session with ` [SESSION]` after it. */
export const displayName = ({ session, job, instance }: InstanceRef): string => {
  const name = instance === '' ? job : `${job} (${instance})`;
  return session === SYSTEM ? name : `${name} [${session}]`;
};
