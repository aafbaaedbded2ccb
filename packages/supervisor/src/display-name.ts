import type { InstanceRef } from '@maverick/engine';

/** `JOB`, or `JOB (INSTANCE)`: as the log and `initctl list` name it. */
export const displayName = ({ job, instance }: InstanceRef): string => (instance === '' ? job : `${job} (${instance})`);
