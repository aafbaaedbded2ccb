import type { Goal, JobState } from '@maverick/engine';
import { EventQueue } from './event-queue.js';
import { JOB_CLASS, JOB_INSTANCE, MANAGER, PROPERTIES, signatureOf } from './interfaces.js';
import type { SignalMessage } from './message.js';
import type { SignalSource } from './signal-source.js';
import type { EventOptions, UpstartEvent } from './upstart-client.js';
import type { Variant } from './value.js';

type SignalReader = (path: string, body: readonly unknown[]) => UpstartEvent;

/** Events by interface and signal. The bodies have the types of the signatures: they are compared before. */
const READERS: Readonly<Record<string, SignalReader>> = {
  [`${MANAGER.name}.JobAdded`]: (_, [job]) => ({ kind: 'job-added', job: job as string }),
  [`${MANAGER.name}.JobRemoved`]: (_, [job]) => ({ kind: 'job-removed', job: job as string }),
  [`${MANAGER.name}.EventEmitted`]: (_, [name, env]) => ({
    kind: 'event-emitted',
    name: name as string,
    env: env as readonly string[],
  }),
  [`${MANAGER.name}.Restarted`]: () => ({ kind: 'restarted' }),
  [`${JOB_CLASS.name}.InstanceAdded`]: (job, [instance]) => ({
    kind: 'instance-added',
    job,
    instance: instance as string,
  }),
  [`${JOB_CLASS.name}.InstanceRemoved`]: (job, [instance]) => ({
    kind: 'instance-removed',
    job,
    instance: instance as string,
  }),
  [`${JOB_INSTANCE.name}.GoalChanged`]: (instance, [goal]) => ({
    kind: 'goal-changed',
    instance,
    goal: goal as Goal,
  }),
  [`${JOB_INSTANCE.name}.StateChanged`]: (instance, [state]) => ({
    kind: 'state-changed',
    instance,
    state: state as JobState,
  }),
  [`${JOB_INSTANCE.name}.Failed`]: (instance, [status]) => ({ kind: 'failed', instance, status: status as number }),
  [`${PROPERTIES.name}.PropertiesChanged`]: (path, [name, changed, invalidated]) => ({
    kind: 'properties-changed',
    path,
    interface: name as string,
    changed: changed as ReadonlyMap<string, Variant>,
    invalidated: invalidated as readonly string[],
  }),
};

const SIGNATURES: ReadonlyMap<string, string> = new Map(
  [MANAGER, JOB_CLASS, JOB_INSTANCE, PROPERTIES].flatMap(({ name, signals }) =>
    Object.entries(signals).map(([signal, args]) => [`${name}.${signal}`, signatureOf(args)] as const),
  ),
);

/** The event that a signal is; `undefined` for signals of others, or of another shape. */
const eventOf = (signal: SignalMessage): UpstartEvent | undefined => {
  const key = `${signal.interface}.${signal.member}`;
  return SIGNATURES.get(key) === signal.signature ? READERS[key]?.(signal.path, signal.body) : undefined;
};

/** The daemon's events from now on. */
export const readEvents = (
  signals: SignalSource,
  { properties = false }: EventOptions,
): AsyncIterableIterator<UpstartEvent> => {
  let stop = (): void => {};
  const queue = new EventQueue<UpstartEvent>(() => stop());
  stop = signals.listen({
    signalled: (signal) => {
      const event = eventOf(signal);
      if (event && (properties || event.kind !== 'properties-changed')) queue.push(event);
    },
    changed: (event) => queue.push(event),
    ended: () => queue.end(),
  });
  return queue;
};
