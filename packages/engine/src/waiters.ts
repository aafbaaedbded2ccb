import type { Command } from './command.js';
import { isFinishingTask } from './definition.js';
import type { QueuedEvent } from './event.js';
import { holdByInstance, releaseFromInstance } from './event-queue.js';
import type { Instance } from './instance.js';
import { answer, failure, JOB_FAILED, registerCall } from './reply.js';
import { callCycle, eventCycle, refuseCall, reportDeadlock } from './wait-graph.js';
import type { Waiter, Want } from './waiter.js';
import type { World } from './world.js';

/**
 * Who waits for an instance in Maverick's semantics, and when each is told.
 * @see spec: semantics.md section 2
 */

type Outcome = 'ok' | 'failed' | 'waits';

const tell = (world: World, instance: Instance, { party }: Waiter, failed: boolean): void => {
  if (party.kind === 'event') releaseFromInstance(world, party.event, instance, failed);
  else if (failed) answer(world, party.request, failure('JobFailed', party.failure));
  else answer(world, party.request, { ok: true, instance: instance.ref });
};

/** Tell, in the order in which they came, all whose wait has an outcome. */
const settleWaiters = (world: World, instance: Instance, outcome: (waiter: Waiter) => Outcome): void => {
  const { waiters } = instance;
  if (waiters.length === 0) return;
  const outcomes = waiters.map((waiter) => ({ waiter, outcome: outcome(waiter) }));
  instance.waiters = waiters.filter((_waiter, index) => outcomes[index]?.outcome === 'waits');
  for (const { waiter, outcome } of outcomes) {
    if (outcome !== 'waits') tell(world, instance, waiter, outcome === 'failed');
  }
};

/** It is up: who waited for this run has what was asked for. */
export const tellUp = (world: World, instance: Instance): void =>
  settleWaiters(world, instance, ({ want, run }) => (want === 'up' && run <= instance.run ? 'ok' : 'waits'));

/** It will not come up: neither in this run nor, unless only this one is meant, in the next. */
export const tellNotUp = (world: World, instance: Instance, which: 'this run' | 'all'): void =>
  settleWaiters(world, instance, ({ want, run }) =>
    want === 'up' && (which === 'all' || run <= instance.run) ? 'failed' : 'waits',
  );

/** It will not come down after all. */
export const tellNotDown = (world: World, instance: Instance): void =>
  settleWaiters(world, instance, ({ want }) => (want === 'up' ? 'waits' : want === 'down' ? 'failed' : 'ok'));

/** The run is over and another follows. */
export const tellOver = (world: World, instance: Instance): void =>
  settleWaiters(world, instance, ({ want, run }) => (want !== 'up' || run <= instance.run ? 'ok' : 'waits'));

/** The last run is over: a task that was to finish has finished, a run that was to come will not. */
export const tellRest = (world: World, instance: Instance): void => {
  const finished = isFinishingTask(instance.definition);
  settleWaiters(world, instance, ({ want, run }) =>
    want === 'up' && !(finished && run <= instance.run) ? 'failed' : 'ok',
  );
};

/**
 * The job has failed. What it holds back on its way down stays held until it is down (rule W2).
 */
export const tellFailed = (world: World, instance: Instance) =>
  settleWaiters(world, instance, ({ want, party }) => {
    if (want === 'gone') return 'waits';
    const event = want === 'down' && party.kind === 'event' ? world.events.get(party.event) : undefined;
    if (event?.hookOf === undefined) return 'failed';
    event.failed = true;
    return 'waits';
  });

/** Everybody who wants it up waits for its next run. */
export const moveToNextRun = (instance: Instance): void => {
  for (const waiter of instance.waiters) if (waiter.want === 'up') waiter.run = instance.run + 1;
};

/** The run that somebody who asks now waits for. */
const targetRun = ({ state, run, ending, respawning }: Instance): number =>
  state === 'waiting' || (ending && !respawning) ? run + 1 : run;

/** Answer a command when what it asked for has come about; at once if it does not wait, or if it must not (rule D1). */
export const waitAsCommand = (world: World, instance: Instance, command: Command, want: Want): void => {
  const { request, kind, wait, caller } = command;
  if (!wait) {
    answer(world, request, { ok: true, instance: instance.ref });
    return;
  }
  const call = { request, kind, caller, instance: instance.id, event: undefined, target: instance.ref.job };
  registerCall(world, call);
  const cycle = caller ? callCycle(world, call) : undefined;
  if (cycle) {
    reportDeadlock(world, cycle);
    refuseCall(world, request, cycle);
    return;
  }
  const party = { kind: 'request', request, failure: JOB_FAILED[kind] } as const;
  instance.waiters.push({ party, want, run: targetRun(instance) });
};

const isWaiting = (instance: Instance, event: QueuedEvent, want: Want): boolean =>
  instance.waiters.some(
    (waiter) => waiter.want === want && waiter.party.kind === 'event' && waiter.party.event === event.id,
  );

/**
 * Make an event wait for an instance, unless that closes a cycle: then an emit call in it fails, or else the event is let
 * through (rule D2). Jobs of one session do not hold up events of another.
 */
export const waitAsEvent = (world: World, instance: Instance, event: QueuedEvent, want: Want): void => {
  if (event.session !== instance.ref.session || isWaiting(instance, event, want)) return;
  if (event.letThrough.includes(instance.id)) return;
  for (let cycle = eventCycle(world, instance, event); cycle; cycle = eventCycle(world, instance, event)) {
    reportDeadlock(world, cycle);
    const waiting = cycle.at(-2);
    if (waiting?.kind !== 'call') {
      event.letThrough.push(instance.id);
      return;
    }
    event.call = undefined;
    refuseCall(world, waiting.request, cycle);
  }
  holdByInstance(event, instance);
  instance.waiters.push({ party: { kind: 'event', event: event.id }, want, run: targetRun(instance) });
};
