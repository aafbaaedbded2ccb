import type { Explanation, InstanceView, JobView } from '@maverick/engine';
import { type Call, demand, listedJobs, notSupported, viewIn } from './call.js';
import { confirmMethods } from './confirm.js';
import { dbusError } from './error-names.js';
import { fileMethods } from './file-methods.js';
import { implement } from './implementation.js';
import { init1Job } from './init1-job.js';
import { liveProcesses } from './instance.js';
import { INIT1, type InstanceRow, type JobRow, type WireTypes } from './interfaces.js';
import { job as jobClass, onJob } from './job.js';
import { journalMethods } from './journal.js';
import type { InstanceUsage, Subject } from './model.js';
import { instancePath, jobPath } from './object-path.js';
import { packageVersion } from './package-version.js';
import { readAll } from './property-values.js';
import { sessionMethods } from './sessions.js';
import { holdingStates, showStates } from './states.js';
import { findSubject } from './subject.js';
import type { Variant } from './value.js';

const instanceRow = (instance: InstanceView): InstanceRow => [
  instancePath(instance.ref),
  instance.ref.instance,
  instance.goal,
  instance.state,
  liveProcesses(instance),
];

const jobRow = ({ name, session, instances }: JobView): JobRow => [
  jobPath(name, session),
  name,
  instances.map(instanceRow),
];

/** The original's properties of a job; of ours those that it has no name for. */
const definitionOf = (call: Call, job: JobView): ReadonlyMap<string, Variant> => {
  const { session } = job;
  const target = onJob({ ...call, session, model: viewIn(call.model, session) ?? call.model }, job);
  return new Map([...readAll(init1Job, target), ...readAll(jobClass, target)]);
};

const explain = ({ model }: Call, member: string, subject: Subject): readonly [string[], string] => {
  if (!model.explain) throw notSupported(member);
  const explanation: Explanation | undefined = model.explain(subject);
  if (!explanation) throw dbusError('InvalidArgs', 'There is nothing of this name to explain');
  const { sentences, ...facts } = explanation;
  return [[...sentences], JSON.stringify(facts)];
};

const simulate = ({ model }: Call, text: string): string => {
  if (!model.simulate) throw notSupported('Simulate');
  try {
    return JSON.stringify(model.simulate(JSON.parse(text)));
  } catch (error) {
    throw dbusError('InvalidArgs', error instanceof Error ? error.message : String(error));
  }
};

const describeUsage = ({ source, pids, memoryBytes, cpuMicroseconds }: InstanceUsage): ReadonlyMap<string, Variant> =>
  new Map<string, Variant>([
    ['source', { signature: 's', value: source }],
    ['processes', { signature: 'u', value: pids.length }],
    ['pids', { signature: 'au', value: pids }],
    ['memory_bytes', { signature: 't', value: memoryBytes }],
    ['cpu_microseconds', { signature: 't', value: cpuMicroseconds }],
  ]);

const usageOf = ({ model }: Call, names: readonly string[]): WireTypes['a(ssa{sv})'] => {
  if (!model.usage) throw notSupported('Usage');
  const found = findSubject(model, names);
  const jobs = found.kind === 'none' ? model.jobs() : [found.job];
  const instances = found.kind === 'instance' ? [found.instance] : jobs.flatMap((job) => job.instances);
  const usages = model.usage(instances);
  return instances.flatMap(({ ref }, index) => {
    const usage = usages[index];
    return usage ? [[ref.job, ref.instance, describeUsage(usage)] as const] : [];
  });
};

/** Whether the `while` of a job holds, for at least one instance. */
const conditionHolds = ({ model }: Call, job: string): boolean => {
  const explanation = model.explain?.({ job });
  return explanation?.kind === 'job' && explanation.while?.holds === true;
};

const conditionsOf = (call: Call): WireTypes['a(ssb)'] =>
  call.model
    .jobs()
    .flatMap(({ name, definition }) =>
      definition.while ? [[name, showStates(definition.while), conditionHolds(call, name)] as const] : [],
    );

/** `org.maverick.Init1`: what the original lacks. */
export const init1 = implement<typeof INIT1, Call>(
  INIT1,
  {
    ...journalMethods,
    ...sessionMethods,
    ...fileMethods,
    ...confirmMethods,
    ListJobs: (call, _, answer) => answer(listedJobs(call).map(jobRow)),
    ListDefinitions: (call, _, answer) =>
      answer(listedJobs(call).map((job) => [jobPath(job.name, job.session), definitionOf(call, job)] as const)),
    Explain: (call, [names], answer) => {
      const found = findSubject(call.model, names);
      if (found.kind === 'none') throw dbusError('InvalidArgs', 'Expected a job, or a job and an instance');
      const instance = found.kind === 'instance' ? { instance: found.instance.ref.instance } : {};
      answer(...explain(call, 'Explain', { job: found.job.name, ...instance }));
    },
    ExplainEvent: (call, [event], answer) => {
      demand(event > 0, 'InvalidArgs', 'Events are counted from 1');
      answer(...explain(call, 'ExplainEvent', { event }));
    },
    ExplainCondition: (call, [condition], answer) => {
      demand((condition[0] ?? '') !== '', 'InvalidArgs', 'Event may not be empty string');
      answer(...explain(call, 'ExplainCondition', { condition }));
    },
    Simulate: (call, [request], answer) => answer(simulate(call, request)),
    States: (call, _, answer) => answer(holdingStates(call.model.jobs()), conditionsOf(call)),
    Usage: (call, [names], answer) => answer(usageOf(call, names)),
  },
  { version: { get: packageVersion }, bridge_events: { get: ({ model }) => [...(model.bridgeEvents?.() ?? [])] } },
);
