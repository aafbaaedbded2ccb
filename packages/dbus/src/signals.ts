import type { Notification } from '@maverick/engine';
import { JOB_CLASS, JOB_INSTANCE, MANAGER, signatureOf } from './interfaces.js';
import type { SignalMessage } from './message.js';
import { instancePath, jobPath, MANAGER_PATH } from './object-path.js';
import type { Value } from './value.js';

type Signals<D extends { readonly signals: object }> = keyof D['signals'] & string;

const fromManager = (member: Signals<typeof MANAGER>, ...body: Value[]): SignalMessage => ({
  kind: 'signal',
  path: MANAGER_PATH,
  interface: MANAGER.name,
  member,
  signature: signatureOf(MANAGER.signals[member]),
  body,
});

const fromJob = (path: string, member: Signals<typeof JOB_CLASS>, ...body: Value[]): SignalMessage => ({
  kind: 'signal',
  path,
  interface: JOB_CLASS.name,
  member,
  signature: signatureOf(JOB_CLASS.signals[member]),
  body,
});

const fromInstance = (path: string, member: Signals<typeof JOB_INSTANCE>, ...body: Value[]): SignalMessage => ({
  kind: 'signal',
  path,
  interface: JOB_INSTANCE.name,
  member,
  signature: signatureOf(JOB_INSTANCE.signals[member]),
  body,
});

/**
 * The signal of each kind of notification. Kinds that are not here are for the log and the journal: the interfaces have
 * no signal for them.
 */
const SIGNALS: {
  readonly [K in Notification['kind']]?: (notification: Notification & { kind: K }) => SignalMessage;
} = {
  'job-added': ({ job, session }) => fromManager('JobAdded', jobPath(job, session)),
  'job-removed': ({ job, session }) => fromManager('JobRemoved', jobPath(job, session)),
  'event-finished': ({ name, env }) => fromManager('EventEmitted', name, env),
  'instance-added': ({ instance }) =>
    fromJob(jobPath(instance.job, instance.session), 'InstanceAdded', instancePath(instance)),
  'instance-removed': ({ instance }) =>
    fromJob(jobPath(instance.job, instance.session), 'InstanceRemoved', instancePath(instance)),
  'goal-changed': ({ instance, to }) => fromInstance(instancePath(instance), 'GoalChanged', to),
  'state-changed': ({ instance, to }) => fromInstance(instancePath(instance), 'StateChanged', to),
  'job-failed': ({ instance, status }) => fromInstance(instancePath(instance), 'Failed', status),
};

/** The signal that tells clients of a notification; most kinds have none. */
export const signalOf = (notification: Notification): SignalMessage | undefined => {
  // The row of a kind takes the notifications of that kind; TypeScript can't follow the pair through the look-up.
  const toSignal = SIGNALS[notification.kind] as ((notification: Notification) => SignalMessage) | undefined;
  return toSignal?.(notification);
};
