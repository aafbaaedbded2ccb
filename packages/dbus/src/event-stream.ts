import type { Goal, JobState } from '@maverick/engine';
import { JOB_CLASS, JOB_INSTANCE, MANAGER, signatureOf } from './interfaces.js';
import type { SignalMessage } from './message.js';
import type { UpstartEvent } from './upstart-client.js';

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
};

const SIGNATURES: ReadonlyMap<string, string> = new Map(
  [MANAGER, JOB_CLASS, JOB_INSTANCE].flatMap(({ name, signals }) =>
    Object.entries(signals).map(([signal, args]) => [`${name}.${signal}`, signatureOf(args)] as const),
  ),
);

/** The event that a signal is; `undefined` for signals of others, or of another shape. */
const eventOf = (signal: SignalMessage): UpstartEvent | undefined => {
  const key = `${signal.interface}.${signal.member}`;
  return SIGNATURES.get(key) === signal.signature ? READERS[key]?.(signal.path, signal.body) : undefined;
};

/** One reader of events: keeps what has not been read yet. */
class EventReader implements AsyncIterableIterator<UpstartEvent> {
  private readonly unread: UpstartEvent[] = [];
  private readonly waiting: ((result: IteratorResult<UpstartEvent>) => void)[] = [];
  private readonly onReturn: (reader: EventReader) => void;
  private over: boolean;

  constructor(over: boolean, onReturn: (reader: EventReader) => void) {
    this.over = over;
    this.onReturn = onReturn;
  }

  push(event: UpstartEvent): void {
    const next = this.waiting.shift();
    if (next) next({ value: event, done: false });
    else this.unread.push(event);
  }

  end(): void {
    this.over = true;
    for (const next of this.waiting.splice(0)) next({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<UpstartEvent>> {
    const event = this.unread.shift();
    if (event) return Promise.resolve({ value: event, done: false });
    if (this.over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  return(): Promise<IteratorResult<UpstartEvent>> {
    this.unread.length = 0;
    this.end();
    this.onReturn(this);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Hands the events of a connection to everybody who reads them. */
export class EventStream {
  private readonly readers = new Set<EventReader>();
  private over = false;

  push(signal: SignalMessage): void {
    if (this.readers.size === 0) return;
    const event = eventOf(signal);
    if (event) this.tell(event);
  }

  tell(event: UpstartEvent): void {
    for (const reader of this.readers) reader.push(event);
  }

  /** No more will come; what is unread can still be read. */
  end(): void {
    this.over = true;
    for (const reader of this.readers) reader.end();
  }

  read(): AsyncIterableIterator<UpstartEvent> {
    const reader = new EventReader(this.over, (gone) => this.readers.delete(gone));
    if (!this.over) this.readers.add(reader);
    return reader;
  }
}
