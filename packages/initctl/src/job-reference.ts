import type { RemoteInstance, RemoteJob, UpstartClient } from '@maverick/dbus/client';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';

/** The job that a command is about. */
type JobReference =
  /** `JOB [KEY=VALUE]...` on the command line. */
  | { readonly kind: 'named'; readonly job: string; readonly env: readonly string[] }
  /** The instance that the caller is a process of. */
  | { readonly kind: 'self'; readonly job: string; readonly instance: string };

/**
 * The job from the operands, or else from `UPSTART_JOB` and `UPSTART_INSTANCE`, by which a job acts on itself.
 * @throws InitctlError `missing-job-name`
 */
const jobReference = ({ operands, env }: Pick<CommandContext, 'operands' | 'env'>): JobReference => {
  const [job, ...rest] = operands;
  if (job !== undefined) return { kind: 'named', job, env: rest };
  const { UPSTART_JOB, UPSTART_INSTANCE } = env;
  if (UPSTART_JOB === undefined || UPSTART_INSTANCE === undefined) throw new InitctlError('missing-job-name', {});
  return { kind: 'self', job: UPSTART_JOB, instance: UPSTART_INSTANCE };
};

/** A job that exists, as a command that was told to change it finds it. */
export interface FoundJob {
  readonly reference: JobReference;
  readonly job: RemoteJob;
  readonly upstart: UpstartClient;
}

/** Read the reference, connect, and look the job up. */
export const findJob = async (context: CommandContext): Promise<FoundJob> => {
  const reference = jobReference(context);
  const upstart: UpstartClient = await context.connect();
  return { reference, job: await upstart.job(reference.job), upstart };
};

/** The instance that is meant. Rejects with `UnknownInstance` if it does not exist. */
export const findInstance = ({ reference, job }: FoundJob): Promise<RemoteInstance> =>
  reference.kind === 'self' ? job.getInstanceByName(reference.instance) : job.getInstance(reference.env);
