import type { InstanceView, ProcessView } from '@maverick/engine';
import { answerPlainly, type Call, callerOf, waiting } from './call.js';
import { implement } from './implementation.js';
import { JOB_INSTANCE } from './interfaces.js';

/** A call on the object of an instance. */
export interface InstanceCall extends Call {
  readonly instance: InstanceView;
}

/** The call, on this instance. @see onJob */
export const onInstance = (
  { model, session, peer, client, keepFd, waits }: Call,
  instance: InstanceView,
): InstanceCall => ({
  model,
  session,
  peer,
  client,
  keepFd,
  waits,
  instance,
});

const command = (call: InstanceCall, kind: 'start' | 'stop' | 'restart', wait: boolean) => {
  const { job, instance } = call.instance.ref;
  return { kind, job, instance, wait, ...callerOf(call) };
};

/** A process whose PID has not been reported yet is not there yet. */
const live = ({ role, pid }: ProcessView): readonly (readonly [string, number])[] =>
  pid === undefined ? [] : [[role, pid]];

/** The processes of an instance, by name and PID. */
export const liveProcesses = ({ processes }: InstanceView): (readonly [string, number])[] => processes.flatMap(live);

/** `com.ubuntu.Upstart0_6.Instance`: one instance. */
export const instance = implement<typeof JOB_INSTANCE, InstanceCall>(
  JOB_INSTANCE,
  {
    Start: (call, [wait], answer) =>
      call.model.command(command(call, 'start', wait), answerPlainly(answer), waiting(call)),
    Stop: (call, [wait], answer) =>
      call.model.command(command(call, 'stop', wait), answerPlainly(answer), waiting(call)),
    Restart: (call, [wait], answer) =>
      call.model.command(command(call, 'restart', wait), answerPlainly(answer), waiting(call)),
    Reload: ({ model, instance: { ref } }, _, answer) => model.reload(ref.job, ref.instance, answerPlainly(answer)),
  },
  {
    name: { get: ({ instance: { ref } }) => ref.instance },
    goal: { get: ({ instance }) => instance.goal },
    state: { get: ({ instance }) => instance.state },
    processes: { get: ({ instance }) => liveProcesses(instance) },
  },
);
