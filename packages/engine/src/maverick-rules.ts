import { addClass, dropClass, instanceOf, listClass, reviveClass } from './class-registry.js';
import type { Command } from './command.js';
import { compileDefinition, type Definition, isFinishingTask } from './definition.js';
import { without } from './environment.js';
import { fail } from './failure.js';
import { hookTimedOut } from './hook-timeout.js';
import { SYSTEM } from './input.js';
import { displayName, type Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { forgetAll } from './memory.js';
import { startEnvironment } from './naming.js';
import { offer } from './offer.js';
import { alreadyStarted, alreadyStopped, answer, unknownJob } from './reply.js';
import { awaitsBackoff, backoffOver, leaveCutWaits, planBackoff } from './respawn-wait.js';
import type { OwnTimer, Rules } from './rules.js';
import {
  bringsOther,
  bringsOtherStop,
  definitionToRun,
  endRun,
  isOnItsWayUp,
  requestOf,
  restartInstance,
  restartRequest,
  startInstance,
  stopInstance,
} from './run.js';
import { forgetClass, forgetFor, inheritMemory } from './start-memory.js';
import { guardHolds } from './states.js';
import { tellFailed, tellOver, tellRest, tellUp, waitAsCommand } from './waiters.js';
import { beginWatching, seenAlive, stopWatching, watchdogExpired } from './watchdog.js';
import { settleStates } from './while.js';
import { haltLimit } from './while-chain.js';
import { checkAll, checkNewest } from './while-cycle.js';
import { touchDependants, unsettle } from './while-index.js';
import { clearTimer, emitEffect, log, sessionOf, setTimer, type World } from './world.js';

const EARLY_END_MS = 1000;
const FORK_RETRIES = 5;

/** A new definition takes over at once for all that is asked to start (rule R4). */
const redefine = (world: World, jobClass: JobClass, definition: Definition): void => {
  const before = jobClass.definition;
  const sameStates = before.while?.text === definition.while?.text && !jobClass.deleted;
  if (jobClass.deleted) reviveClass(world, jobClass);
  inheritMemory(world, jobClass, definition);
  jobClass.definedAt = world.next.order++;
  if (!sameStates) jobClass.episodes.clear();
  for (const instance of jobClass.instances.values()) instance.usedOperands = [];
  listClass(world, jobClass);
  if (before.while) checkAll(world, sessionOf(world, jobClass.session));
};

const remove = (world: World, jobClass: JobClass): void => {
  dropClass(world, jobClass);
  if (jobClass.definition.while) checkAll(world, sessionOf(world, jobClass.session));
};

/** By hand, in spite of a `while` that does not hold (rule S7). */
const overrides = (world: World, jobClass: JobClass, definition: Definition, name: string): boolean =>
  !guardHolds(world, jobClass.session, definition, name);

const joinStart = (world: World, instance: Instance, command: Command): void => {
  const refused = !isOnItsWayUp(instance) || bringsOther(world, instance, command.env ?? []);
  if (refused) answer(world, command.request, alreadyStarted(instance.ref));
  else waitAsCommand(world, instance, command, 'up');
};

const beginRun = (world: World, instance: Instance): void => {
  if (!instance.respawning) {
    instance.run += 1;
    const before = instance.definition;
    instance.definition = definitionToRun(instance);
    if (before !== instance.definition) listClass(world, instance.jobClass);
    instance.request = requestOf(instance);
    instance.env = startEnvironment(world, instance.ref.session, instance.definition, instance.request);
  }
  instance.nextRequest = undefined;
  touchDependants(world, instance);
  if (instance.definition.while) unsettle(world, instance.jobClass);
};

/** What was remembered before a start that the condition had no part in is forgotten when it is up (rule E4). */
const forgetRemembered = (world: World, instance: Instance): void =>
  forgetFor(world, instance.jobClass, instance.ref.instance);

const startTimedOut = (world: World, instance: Instance): void => {
  instance.startTimer = undefined;
  emitEffect(world, { kind: 'start-timed-out', instance: instance.ref });
  log(world, 'warn', `${displayName(instance.ref)} took too long to start, stopped`, instance.ref);
  fail(world, instance, 'timeout', -1);
  stopInstance(world, instance);
};

const INSTANCE_TIMERS = {
  'start-timeout': startTimedOut,
  backoff: backoffOver,
  watchdog: watchdogExpired,
} as const satisfies Record<Exclude<OwnTimer['kind'], 'hook'>, (world: World, instance: Instance) => void>;

/** Maverick's own rules, the default. @see spec: semantics.md */
export const MAVERICK_RULES: Rules = {
  name: 'maverick',

  defineJob: (world, session, name, conf) => {
    const definition = compileDefinition(conf);
    const known = sessionOf(world, session).classes.get(name);
    if (known) redefine(world, known, definition);
    const jobClass = known ?? addClass(world, session, name, definition);
    if (definition.while) checkNewest(world, sessionOf(world, session), jobClass);
    unsettle(world, jobClass);
  },
  removeJob: (world, jobClass) => {
    forgetClass(world, jobClass);
    jobClass.episodes.clear();
    if (jobClass.instances.size === 0) return remove(world, jobClass);
    jobClass.deleted = true;
    if (jobClass.definition.while) checkAll(world, sessionOf(world, jobClass.session));
  },
  instanceGone: (world, jobClass) => {
    if (jobClass.deleted && jobClass.instances.size === 0) remove(world, jobClass);
    else listClass(world, jobClass);
  },

  tellsSessions: true,
  // Neither its descriptors nor how it ends are theirs.
  abroad: (event) => ({ ...event, fds: [] }),
  reaches: (event, session) => event.session === session || (event.session === SYSTEM && !event.ofJob),
  offer,
  settle: (world) => {
    const left = leaveCutWaits(world);
    return settleStates(world) || left;
  },

  start: (world, jobClass, name, command) => {
    if (jobClass.deleted) return answer(world, command.request, unknownJob(jobClass.name));
    const known = jobClass.instances.get(name);
    if (known?.goal === 'start') return joinStart(world, known, command);
    const instance = known ?? instanceOf(world, jobClass, name);
    const insists = command.env !== undefined && bringsOther(world, instance, command.env);
    instance.override = overrides(world, jobClass, jobClass.definition, name);
    instance.usedOperands = [];
    startInstance(world, instance, command.env ?? requestOf(instance), insists);
    waitAsCommand(world, instance, command, 'up');
  },
  stop: (world, instance, command) => {
    if (instance.goal !== 'stop') {
      instance.stopEnv = command.env;
      stopInstance(world, instance, command.caller?.process);
    } else if (bringsOtherStop(instance, command.env ?? [])) {
      return answer(world, command.request, alreadyStopped(instance.ref));
    }
    waitAsCommand(world, instance, command, 'down');
  },
  restart: (world, instance, command) => {
    if (instance.goal === 'stop') return answer(world, command.request, alreadyStopped(instance.ref));
    const definition = definitionToRun(instance);
    if (definition !== instance.definition && overrides(world, instance.jobClass, definition, instance.ref.instance)) {
      instance.override = true;
    }
    restartInstance(world, instance, restartRequest(instance, command.env ?? []), command.caller?.process);
    waitAsCommand(world, instance, command, 'up');
  },
  unset: without,

  beginRun,
  shown: (world, instance, env) => {
    instance.shown = env;
    touchDependants(world, instance);
  },
  leftStarting: (world, instance) => {
    const { startTimeoutSeconds } = instance.definition.conf;
    if (startTimeoutSeconds === undefined || startTimeoutSeconds === 0) return;
    const dueAt = world.now + startTimeoutSeconds * 1000;
    instance.startTimer = setTimer(world, dueAt, { kind: 'start-timeout', instance: instance.id });
  },
  cameUp: (world, instance, from) => {
    if (from !== 'pre-stop') {
      instance.upSince = world.now;
      beginWatching(world, instance);
    }
    clearTimer(world, instance.startTimer);
    instance.startTimer = undefined;
    instance.respawning = false;
    instance.up = true;
    touchDependants(world, instance);
    if (isFinishingTask(instance.definition)) return;
    tellUp(world, instance);
    forgetRemembered(world, instance);
  },
  goesDown: (world, instance) => {
    instance.ending = true;
    stopWatching(world, instance);
    if (!instance.respawning) instance.up = false;
    touchDependants(world, instance);
  },
  delaysNextRun: awaitsBackoff,
  runOver: (world, instance) => {
    if (!instance.respawning) tellOver(world, instance);
  },
  cameToRest: (world, instance) => {
    tellRest(world, instance);
    if (isFinishingTask(instance.definition)) forgetRemembered(world, instance);
    forgetAll(world, instance.stopMemory);
    touchDependants(world, instance);
  },

  failed: tellFailed,
  giveUp: (world, instance, finished) => {
    if (instance.goal !== 'stop') endRun(world, instance, finished);
  },
  isEndAwaited: ({ goal, ending }) => goal !== 'start' || ending,
  respawn: (world, instance) => {
    instance.ending = true;
    instance.respawning = true;
    stopWatching(world, instance);
    planBackoff(world, instance);
  },
  halt: (world, instance) => {
    if (instance.goal !== 'stop') stopInstance(world, instance);
  },
  haltLimit,

  holdEarlyEnd: (world, process, status) => {
    if (process.earlyEnd) return true;
    process.earlyEnd = status;
    setTimer(world, world.now + EARLY_END_MS, { kind: 'spawn-result', process: process.id });
    return true;
  },
  forkRetries: FORK_RETRIES,
  advancesAfterSecurity: true,
  deadline: (now, seconds) => now + seconds * 1000,
  alive: seenAlive,
  timerFired: (world, purpose) => {
    if (purpose.kind === 'hook') return hookTimedOut(world, purpose);
    const instance = world.instances.get(purpose.instance);
    if (instance) INSTANCE_TIMERS[purpose.kind](world, instance);
  },
};
