import { addClass, dropClass, instanceOf, listClass } from './class-registry.js';
import type { Command } from './command.js';
import { compileDefinition } from './definition.js';
import { withoutPrefixes } from './environment.js';
import type { QueuedEvent } from './event.js';
import { holdByInstance, releaseFromInstance } from './event-queue.js';
import { SYSTEM } from './input.js';
import type { Instance } from './instance.js';
import { ofSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { NO_VARIABLES } from './matching.js';
import { instanceName, lookup, startEnvironment } from './naming.js';
import { eventEnvironment, heldEvents, letGoOfOperands, offerToOperands } from './operand-holds.js';
import { giveFds } from './process.js';
import { alreadyStarted, alreadyStopped, answer, failure, JOB_FAILED, registerCall } from './reply.js';
import type { Rules } from './rules.js';
import { mayStart } from './starts.js';
import { changeGoal } from './transition.js';
import { dropFds, emitEffect, log, sessionOf, type World } from './world.js';

/** Everybody who waits for the instance gets the same answer. */
const answerAll = (world: World, instance: Instance, failed: boolean): void => {
  for (const { party } of instance.waiters.splice(0)) {
    if (party.kind === 'event') releaseFromInstance(world, party.event, instance, failed);
    else if (failed) answer(world, party.request, failure('JobFailed', party.failure));
    else answer(world, party.request, { ok: true, instance: instance.ref });
  }
};

const waitAsEvent = (instance: Instance, event: QueuedEvent): void => {
  holdByInstance(event, instance);
  instance.waiters.push({ party: { kind: 'event', event: event.id }, want: 'up', run: 0 });
};

/** Who waited before is answered first, whatever came of it; then the new one waits, or is answered when all is done. */
const asCommanded = (world: World, instance: Instance, command: Command, act: () => void): void => {
  answerAll(world, instance, false);
  const { request, wait, kind, caller } = command;
  if (wait) {
    instance.waiters.push({ party: { kind: 'request', request, failure: JOB_FAILED[kind] }, want: 'up', run: 0 });
    const target = instance.ref.job;
    registerCall(world, { request, kind, caller, instance: instance.id, event: undefined, target });
  }
  act();
  if (!wait) answer(world, request, { ok: true, instance: instance.ref });
};

const offerToStop = (world: World, jobClass: JobClass, event: QueuedEvent): void => {
  for (const instance of [...jobClass.instances.values()]) {
    const { stopOn } = instance.definition;
    if (!stopOn?.byName.has(event.name)) continue;
    if (!offerToOperands(instance.stopHolds, stopOn, event, lookup(instance.env))) continue;
    if (instance.goal !== 'stop') {
      const events = heldEvents(world, instance.stopHolds, stopOn);
      instance.stopEnv = eventEnvironment(events, 'UPSTART_STOP_EVENTS');
      answerAll(world, instance, false);
      for (const held of events) waitAsEvent(instance, held);
      changeGoal(world, instance, 'stop');
    }
    letGoOfOperands(world, instance.stopHolds);
  }
};

const startBy = (world: World, jobClass: JobClass, events: readonly QueuedEvent[]): void => {
  const { definition, session, name: job } = jobClass;
  const env = startEnvironment(world, session, definition, eventEnvironment(events, 'UPSTART_EVENTS'));
  const name = instanceName(definition, env);
  if (!name.ok) {
    const { message } = name.error;
    emitEffect(world, { kind: 'instance-unnamed', session, job, message });
    log(world, 'warn', `Failed to obtain ${job}${ofSession(session)} instance: ${message}`, session);
    return;
  }
  if (jobClass.instances.get(name.value)?.goal === 'start') return;
  if (!mayStart(world, { session, job, instance: name.value })) return;
  const instance = instanceOf(world, jobClass, name.value);
  instance.nextEnv = env;
  answerAll(world, instance, false);
  const before = giveFds(
    world,
    instance,
    events.flatMap((event) => event.fds),
  );
  dropFds(world, before);
  for (const event of events) waitAsEvent(instance, event);
  changeGoal(world, instance, 'start');
};

const offerToStart = (world: World, jobClass: JobClass, event: QueuedEvent): void => {
  const { startOn } = jobClass.definition;
  if (!startOn || !offerToOperands(jobClass.startHolds, startOn, event, NO_VARIABLES)) return;
  startBy(world, jobClass, heldEvents(world, jobClass.startHolds, startOn));
  letGoOfOperands(world, jobClass.startHolds);
};

/** Another definition for a class without instances. What its condition holds is offered to the new one. */
const replace = (world: World, jobClass: JobClass, definition: JobClass['definition']): void => {
  const held = [...new Set(jobClass.startHolds)].flatMap((id) => world.events.get(id) ?? []);
  const before = jobClass.startHolds;
  jobClass.startHolds = [];
  jobClass.definition = definition;
  jobClass.next = undefined;
  listClass(world, jobClass);
  const { session, name: job } = jobClass;
  emitEffect(world, { kind: 'job-removed', session, job });
  emitEffect(world, { kind: 'job-added', session, job });
  if (definition.startOn) {
    for (const event of held) offerToOperands(jobClass.startHolds, definition.startOn, event, NO_VARIABLES);
  }
  letGoOfOperands(world, before);
};

const remove = (world: World, jobClass: JobClass): void => {
  letGoOfOperands(world, jobClass.startHolds);
  dropClass(world, jobClass);
};

/** The rules of Upstart 1.13.2, quirks included. @see spec: engine.md */
export const UPSTART_RULES: Rules = {
  name: 'upstart',

  defineJob: (world, session, name, conf) => {
    const definition = compileDefinition(conf);
    const jobClass = sessionOf(world, session).classes.get(name);
    if (!jobClass) addClass(world, session, name, definition);
    else if (jobClass.instances.size > 0) jobClass.next = definition;
    else replace(world, jobClass, definition);
  },
  removeJob: (world, jobClass) => {
    if (jobClass.instances.size > 0) jobClass.next = 'removed';
    else remove(world, jobClass);
  },
  instanceGone: (world, jobClass) => {
    if (jobClass.next === undefined || jobClass.instances.size > 0) return;
    if (jobClass.next === 'removed') remove(world, jobClass);
    else replace(world, jobClass, jobClass.next);
  },

  tellsSessions: false,
  abroad: (event) => event,
  reaches: (event, session) => event.session === session || event.session === SYSTEM,
  offer: (world, jobClass, event) => {
    offerToStop(world, jobClass, event);
    offerToStart(world, jobClass, event);
  },
  settle: () => false,

  start: (world, jobClass, name, command) => {
    const instance = instanceOf(world, jobClass, name);
    if (instance.goal === 'start') return answer(world, command.request, alreadyStarted(instance.ref));
    const { env } = command;
    instance.nextEnv = env && startEnvironment(world, jobClass.session, jobClass.definition, env);
    asCommanded(world, instance, command, () => changeGoal(world, instance, 'start'));
  },
  stop: (world, instance, command) => {
    if (instance.goal === 'stop') return answer(world, command.request, alreadyStopped(instance.ref));
    instance.stopEnv = command.env;
    asCommanded(world, instance, command, () => changeGoal(world, instance, 'stop'));
  },
  restart: (world, instance, command) => {
    if (instance.goal === 'stop') return answer(world, command.request, alreadyStopped(instance.ref));
    const { jobClass } = instance;
    const { env } = command;
    instance.nextEnv = env && startEnvironment(world, jobClass.session, jobClass.definition, env);
    instance.stopEnv = undefined;
    asCommanded(world, instance, command, () => {
      changeGoal(world, instance, 'stop');
      changeGoal(world, instance, 'start');
    });
  },
  unset: withoutPrefixes,

  beginRun: (_world, instance) => {
    if (instance.nextEnv) instance.env = instance.nextEnv;
    instance.nextEnv = undefined;
  },
  shown: () => {},
  leftStarting: () => {},
  cameUp: (world, instance, from) => {
    if (from === 'pre-stop' || !instance.definition.conf.task) answerAll(world, instance, false);
  },
  goesDown: () => {},
  runOver: () => {},
  delaysNextRun: () => false,
  cameToRest: (world, instance) => {
    answerAll(world, instance, false);
    letGoOfOperands(world, instance.stopHolds);
  },

  failed: (world, instance) => answerAll(world, instance, true),
  giveUp: (world, instance) => changeGoal(world, instance, 'stop'),
  isEndAwaited: (instance) => instance.goal !== 'start',
  respawn: (world, instance, awaitsAnother) => {
    if (awaitsAnother) changeGoal(world, instance, 'respawn');
  },
  halt: (world, instance) => changeGoal(world, instance, 'stop'),
  haltLimit: (world) =>
    Math.max(5, ...[...world.instances.values()].map(({ definition }) => definition.conf.killTimeoutSeconds)),

  holdEarlyEnd: () => false,
  forkRetries: Number.POSITIVE_INFINITY,
  advancesAfterSecurity: false,
  deadline: (now, seconds) => (Math.floor(now / 1000) + seconds) * 1000,
  alive: () => {},
  timerFired: () => {},
};
