import type { Notification } from '@maverick/engine';
import { type InterfaceDefinition, JOB_CLASS, JOB_INSTANCE, MANAGER, PROPERTIES, signatureOf } from './interfaces.js';
import type { SignalMessage } from './message.js';
import type { ModelChange } from './model.js';
import { instancePath, jobPath, MANAGER_PATH } from './object-path.js';
import type { Value, Variant } from './value.js';

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

type News = Notification | ModelChange;

/**
 * The signal of each kind of notification. Kinds that are not here are for the log and the journal: the interfaces have
 * no signal for them.
 */
const SIGNALS: {
  readonly [K in News['kind']]?: (news: News & { kind: K }) => SignalMessage;
} = {
  // Clients that keep a copy of a job read it again, as they do when the original reads its files again.
  'definition-changed': ({ job, session }) => fromManager('JobAdded', jobPath(job, session)),
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

/** The signal that tells clients of what happened; most kinds have none. */
export const signalOf = (news: News): SignalMessage | undefined => {
  // The row of a kind takes the news of that kind; TypeScript can't follow the pair through the look-up.
  const toSignal = SIGNALS[news.kind] as ((news: News) => SignalMessage) | undefined;
  return toSignal?.(news);
};

/** The daemon has re-executed itself. */
export const restarted = (): SignalMessage => fromManager('Restarted');

/** `PropertiesChanged` of one interface of one object. */
export const propertiesChanged = (
  path: string,
  definition: InterfaceDefinition,
  changed: ReadonlyMap<string, Variant>,
): SignalMessage => ({
  kind: 'signal',
  path,
  interface: PROPERTIES.name,
  member: 'PropertiesChanged',
  signature: signatureOf(PROPERTIES.signals.PropertiesChanged),
  body: [definition.name, changed, []],
});
