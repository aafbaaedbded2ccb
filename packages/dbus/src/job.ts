import { toRpn } from '@maverick/conf';
import type { JobView } from '@maverick/engine';
import { answerInstance, answerPlainly, type Call, callerOf, requireEnv, waiting } from './call.js';
import { dbusError, replyError } from './error-names.js';
import { implement } from './implementation.js';
import { JOB_CLASS } from './interfaces.js';
import { instancePath } from './object-path.js';

/** A call on the object of a job class. */
export interface JobCall extends Call {
  readonly job: JobView;
}

/** The call, on this job. Spelt out: to spread one object into another costs more than all the rest of a small call. */
export const onJob = ({ model, session, peer, client, keepFd, waits }: Call, job: JobView): JobCall => ({
  model,
  session,
  peer,
  client,
  keepFd,
  waits,
  job,
});

const unknownInstance = (name: string) => dbusError('UnknownInstance', `Unknown instance: ${name}`);

const findInstance = (job: JobView, name: string): string => {
  const instance = job.instances.find(({ ref }) => ref.instance === name);
  if (!instance) throw unknownInstance(name);
  return instancePath(instance.ref);
};

const command = (call: JobCall, kind: 'start' | 'stop' | 'restart', env: readonly string[], wait: boolean) => {
  requireEnv(env);
  return { kind, job: call.job.name, env, wait, ...callerOf(call) };
};

/** `com.ubuntu.Upstart0_6.Job`: a job class. */
export const job = implement<typeof JOB_CLASS, JobCall>(
  JOB_CLASS,
  {
    GetInstance: (call, [env], answer) => {
      requireEnv(env);
      const named = call.model.instanceName(call.job.name, env);
      if (!named.ok) throw replyError(named);
      answer(findInstance(call.job, named.name));
    },
    GetInstanceByName: (call, [name], answer) => answer(findInstance(call.job, name)),
    GetAllInstances: (call, _, answer) => answer(call.job.instances.map(({ ref }) => instancePath(ref))),
    Start: (call, [env, wait], answer) =>
      call.model.command(command(call, 'start', env, wait), answerInstance(answer), waiting(call, true)),
    Stop: (call, [env, wait], answer) =>
      call.model.command(command(call, 'stop', env, wait), answerPlainly(answer), waiting(call)),
    Restart: (call, [env, wait], answer) =>
      call.model.command(command(call, 'restart', env, wait), answerInstance(answer), waiting(call, true)),
  },
  {
    name: { get: ({ job }) => job.name },
    description: { get: ({ job }) => job.definition.description ?? '' },
    author: { get: ({ job }) => job.definition.author ?? '' },
    version: { get: ({ job }) => job.definition.version ?? '' },
    usage: { get: ({ job }) => job.definition.usage ?? '' },
    start_on: { get: ({ job }) => toRpn(job.definition.startOn) },
    stop_on: { get: ({ job }) => toRpn(job.definition.stopOn) },
    emits: { get: ({ job }) => job.definition.emits },
  },
);
