import type { InstanceView, JobView } from '@maverick/engine';
import { demand } from './call.js';
import { dbusError } from './error-names.js';
import type { UpstartModel } from './model.js';

/** What a list of names means: nothing, a job, or one instance of a job. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'job'; readonly job: JobView }
  | { readonly kind: 'instance'; readonly job: JobView; readonly instance: InstanceView };

/**
 * Find what `[]`, `[JOB]` or `[JOB, INSTANCE]` names.
 * @throws DBusError `InvalidArgs`, `UnknownJob`, `UnknownJobInstance`
 */
export const findSubject = (model: UpstartModel, names: readonly string[]): Found => {
  const [jobName, instanceName] = names;
  if (jobName === undefined) return { kind: 'none' };
  demand(jobName !== '', 'InvalidArgs', 'Job may not be empty string');
  const job = model.job(jobName);
  if (!job) throw dbusError('UnknownJob', `Unknown job: ${jobName}`);
  if (instanceName === undefined) return { kind: 'job', job };
  const instance = model.instance(jobName, instanceName);
  if (!instance) throw unknownJobInstance(jobName, instanceName);
  return { kind: 'instance', job, instance };
};

/** The text is the original's, that of a name which is not given included. */
export const unknownJobInstance = (job: string, instance = '(null)') =>
  dbusError('UnknownJobInstance', `Unknown instance: ${instance} of job ${job}`);
