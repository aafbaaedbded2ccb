import { findClass } from './commands.js';
import type { QueuedEvent } from './event.js';
import { conditionsHolding, explainStartOn, explainStopOn } from './explain-condition.js';
import { expectedEvent, expecting, unfinishedEvents } from './explain-event.js';
import { eventSentences, expectedSentences, instanceSentences, jobSentences } from './explain-words.js';
import type {
  Awaits,
  EventExplanation,
  ExpectedEvent,
  ExplainSubject,
  Explanation,
  InstanceExplanation,
  JobExplanation,
  WhileExplanation,
} from './explanation.js';
import type { SessionId, TimerId } from './input.js';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { type StateRow, TRANSITIONS } from './job-state.js';
import { chainOf, reasonOf } from './origin.js';
import { termsNow, wantedBy } from './states.js';
import { chainOfWaits, holdersOf, waitersOf, waitersOfEvent } from './wait-graph.js';
import { sessionOf, type World } from './world.js';

/** Why things are as they are: read from the live state, nothing is kept for it but what led to each goal and event. */

const dueAt = (world: World, timer: TimerId | undefined): number | undefined =>
  timer === undefined ? undefined : world.timers.get(timer)?.dueAt;

const awaitsHook = (world: World, { unconfirmed }: Instance, event: QueuedEvent): Awaits => {
  const until = dueAt(world, unconfirmed?.timer);
  return {
    kind: 'hook',
    event: event.id,
    name: event.name,
    heldBy: holdersOf(world, event),
    conditions: conditionsHolding(world, event),
    ...(unconfirmed ? { unconfirmed: until === undefined ? {} : { until } } : {}),
  };
};

const awaitsReadiness = (world: World, { definition, processes, startTimer }: Instance): Awaits | undefined => {
  const process = processes.get('main');
  const until = dueAt(world, startTimer);
  const { expect } = definition.conf;
  return process === undefined
    ? undefined
    : { kind: 'readiness', expect, process, ...(until === undefined ? {} : { until }) };
};

const awaitsProcess = (world: World, instance: Instance, role: string): Awaits | undefined => {
  const found = [...instance.processes].find(([known]) => known === role);
  const killAt = dueAt(world, instance.killTimer);
  return found && { kind: 'process', role: found[0], process: found[1], ...(killAt === undefined ? {} : { killAt }) };
};

const awaitsOf = (world: World, instance: Instance): Awaits | undefined => {
  const event = instance.blocker === undefined ? undefined : world.events.get(instance.blocker);
  if (event) return awaitsHook(world, instance, event);
  const until = typeof instance.backoff === 'number' ? dueAt(world, instance.backoff) : undefined;
  if (until !== undefined) return { kind: 'respawn', until };
  const { awaits }: StateRow = TRANSITIONS[instance.state];
  if (awaits.kind === 'ready') return awaitsReadiness(world, instance);
  return awaits.kind === 'process' ? awaitsProcess(world, instance, awaits.role) : undefined;
};

const explainInstance = (world: World, instance: Instance, at: number): InstanceExplanation => {
  const awaits = awaitsOf(world, instance);
  const stopOn = explainStopOn(world, instance);
  const facts = {
    kind: 'instance',
    instance: instance.ref,
    goal: instance.goal,
    state: instance.state,
    since: instance.since,
    goalSince: instance.because?.kind === 'job' ? instance.because.at : instance.since,
    because: chainOf(instance.because).slice(1).map(reasonOf),
    ...(instance.failure ? { failure: instance.failure } : {}),
    ...(awaits ? { awaits } : {}),
    waitChain: chainOfWaits(world, instance),
    waiters: waitersOf(world, instance),
    ...(stopOn ? { stopOn } : {}),
  } as const;
  return { ...facts, sentences: instanceSentences(facts, at) };
};

const explainWhile = (world: World, { session, definition }: JobClass): WhileExplanation | undefined => {
  const { while: states, cyclic } = definition;
  if (!states) return undefined;
  const holds = wantedBy(world, session, definition).size > 0;
  const { classes } = sessionOf(world, session);
  const terms = termsNow(world, session, definition, states).map(({ job, positive, holds: isTrue }) => {
    const instances = classes.get(job)?.instances.values() ?? [];
    return { job, positive, holds: isTrue, states: [...instances].map(({ state }) => state) };
  });
  return { holds, cyclic, terms };
};

const explainJob = (world: World, jobClass: JobClass, at: number): JobExplanation => {
  const { session, name: job, lastRun, idleSince, instances } = jobClass;
  const states = explainWhile(world, jobClass);
  const last = lastRun && {
    instance: lastRun.instance,
    ...(lastRun.failure ? { failure: lastRun.failure } : {}),
    because: chainOf(lastRun.because).slice(1).map(reasonOf),
  };
  const facts = {
    kind: 'job',
    session,
    job,
    instances: [...instances.values()].map((instance) => explainInstance(world, instance, at)),
    ...(instances.size === 0 ? { idleSince } : {}),
    ...(last ? { lastRun: last } : {}),
    startOn: explainStartOn(world, jobClass),
    ...(states ? { while: states } : {}),
    expectedBy: expecting(world, session, job),
  } as const;
  return { ...facts, sentences: jobSentences(facts, at) };
};

const explainEvent = (world: World, event: QueuedEvent, at: number): EventExplanation => {
  const facts = {
    kind: 'event',
    event: event.id,
    session: event.session,
    name: event.name,
    env: event.env,
    since: event.at,
    because: chainOf(event.because).map(reasonOf),
    heldBy: holdersOf(world, event),
    conditions: conditionsHolding(world, event),
    waiters: waitersOfEvent(world, event),
  } as const;
  return { ...facts, sentences: eventSentences(facts, at) };
};

const explainExpected = (world: World, session: SessionId, condition: readonly string[], at: number): ExpectedEvent => {
  const unfinished = unfinishedEvents(world, session, condition).map((event) => explainEvent(world, event, at));
  const facts = { kind: 'condition', session, ...expectedEvent(world, session, condition), unfinished } as const;
  return { ...facts, sentences: expectedSentences(facts) };
};

/** @param at the present time, monotonic milliseconds: what ages are counted from */
export const explain = (world: World, subject: ExplainSubject, at: number): Explanation | undefined => {
  if ('event' in subject) {
    const event = world.events.get(subject.event);
    return event && explainEvent(world, event, at);
  }
  if ('condition' in subject) return explainExpected(world, subject.session, subject.condition, at);
  const jobClass = findClass(world, subject.session, subject.job);
  if (!jobClass || subject.instance === undefined) return jobClass && explainJob(world, jobClass, at);
  const instance = jobClass.instances.get(subject.instance);
  return instance && explainInstance(world, instance, at);
};
