import type { InstanceRef, Notification, SessionId } from '@maverick/engine';
import { type Call, viewIn } from './call.js';
import { init1Instance } from './init1-instance.js';
import { init1Job } from './init1-job.js';
import { instance as instanceInterface } from './instance.js';
import { INIT1_INSTANCE, INIT1_JOB, type InterfaceDefinition, JOB_CLASS, JOB_INSTANCE } from './interfaces.js';
import { job as jobInterface } from './job.js';
import type { SignalMessage } from './message.js';
import type { ModelChange, UpstartModel } from './model.js';
import { instancePath, jobPath } from './object-path.js';
import { readOne } from './property-values.js';
import { propertiesChanged } from './signals.js';

type News = Notification | ModelChange;

/** What of an object has changed. */
type Touched =
  | {
      readonly kind: 'instance';
      readonly of: typeof JOB_INSTANCE | typeof INIT1_INSTANCE;
      readonly ref: InstanceRef;
      readonly properties: readonly string[];
    }
  | {
      readonly kind: 'job';
      readonly of: typeof JOB_CLASS | typeof INIT1_JOB;
      readonly ref: { readonly session: SessionId; readonly job: string };
      readonly properties: readonly string[];
    };

const ofInstance =
  (...properties: readonly (keyof typeof JOB_INSTANCE.properties)[]) =>
  ({ instance }: { readonly instance: InstanceRef }): readonly Touched[] => [
    { kind: 'instance', of: JOB_INSTANCE, ref: instance, properties },
  ];

const instancesOf = ({ instance }: { readonly instance: InstanceRef }): readonly Touched[] => [
  { kind: 'job', of: INIT1_JOB, ref: instance, properties: ['instances'] },
];

/** Which properties each kind of news touches. */
const TOUCHES: { readonly [K in News['kind']]?: (news: News & { kind: K }) => readonly Touched[] } = {
  'goal-changed': ofInstance('goal'),
  'state-changed': ofInstance('state'),
  'processes-changed': ofInstance('processes'),
  'process-moved': ofInstance('processes'),
  'pause-changed': ({ instance }) => [{ kind: 'instance', of: INIT1_INSTANCE, ref: instance, properties: ['paused'] }],
  'staleness-changed': ({ session, job }) => [
    { kind: 'job', of: INIT1_JOB, ref: { session, job }, properties: ['stale_because_of'] },
  ],
  'instance-added': instancesOf,
  'instance-removed': instancesOf,
  'definition-changed': ({ session, job }) => [
    { kind: 'job', of: JOB_CLASS, ref: { session, job }, properties: Object.keys(JOB_CLASS.properties) },
    {
      kind: 'job',
      of: INIT1_JOB,
      ref: { session, job },
      properties: ['start_on', 'stop_on', 'while', 'stale_because_of', 'file', 'override_file'],
    },
  ],
};

interface Pending {
  readonly touched: Touched;
  readonly properties: Set<string>;
}

const pathOf = (touched: Touched): string =>
  touched.kind === 'instance' ? instancePath(touched.ref) : jobPath(touched.ref.job, touched.ref.session);

/** What has changed since it was told last: one signal an object and interface, with the values of that moment. */
export class PropertyChanges {
  private readonly pending = new Map<string, Pending>();

  /** @returns whether there is something to tell */
  note(news: News): boolean {
    // The row of a kind takes the news of that kind; TypeScript can't follow the pair through the look-up.
    const touch = TOUCHES[news.kind] as ((news: News) => readonly Touched[]) | undefined;
    for (const touched of touch?.(news) ?? []) this.add(touched);
    return this.pending.size > 0;
  }

  /** The signals to be sent now, each with its session. What is gone meanwhile has none: that it is gone was told. */
  take(model: UpstartModel): (readonly [SessionId, SignalMessage])[] {
    const signals = Array.from(this.pending.values(), (pending) => {
      const { session } = pending.touched.ref;
      const view = viewIn(model, session);
      const signal = view && signalFor(view, pending);
      return signal === undefined ? [] : [[session, signal] as const];
    });
    this.pending.clear();
    return signals.flat();
  }

  private add(touched: Touched): void {
    const key = `${touched.of.name} ${pathOf(touched)}`;
    const known = this.pending.get(key);
    if (!known) this.pending.set(key, { touched, properties: new Set(touched.properties) });
    else for (const property of touched.properties) known.properties.add(property);
  }
}

const signalFor = (model: UpstartModel, { touched, properties }: Pending): SignalMessage | undefined => {
  const read = readerFor(model, touched);
  if (!read) return undefined;
  const definition: InterfaceDefinition = touched.of;
  const values = new Map(Array.from(properties, (property) => [property, read(property)]));
  return propertiesChanged(pathOf(touched), definition, values);
};

/** Handlers of properties look at the model and their object only. */
const readerFor = (model: UpstartModel, touched: Touched) => {
  const call = { model } as Call;
  if (touched.kind === 'instance') {
    const instance = model.instance(touched.ref.job, touched.ref.instance);
    if (!instance) return undefined;
    return touched.of === JOB_INSTANCE
      ? (property: string) => readOne(instanceInterface, { ...call, instance }, property)
      : (property: string) => readOne(init1Instance, { ...call, instance }, property);
  }
  const job = model.job(touched.ref.job);
  if (!job) return undefined;
  return touched.of === JOB_CLASS
    ? (property: string) => readOne(jobInterface, { ...call, job }, property)
    : (property: string) => readOne(init1Job, { ...call, job }, property);
};
