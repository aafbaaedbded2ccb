import { isFinishingTask } from './definition.js';
import { type Environment, merge, nameOf, valueIn, valuePart } from './environment.js';
import type { ProcessId } from './input.js';
import type { Instance } from './instance.js';
import { isBeforeRunning, isUpState } from './job-state.js';
import { forgetAll } from './memory.js';
import { startEnvironment } from './naming.js';
import { killProcess, processOf } from './process.js';
import { dropBackoff } from './respawn-wait.js';
import { dropHook, forgetFor } from './start-memory.js';
import { guardHolds } from './states.js';
import { advance, changeGoal } from './transition.js';
import { moveToNextRun, tellNotDown, tellNotUp } from './waiters.js';
import { touchDependants } from './while-index.js';
import { clearTimer, type World } from './world.js';

/**
 * Start, stop and restart of an instance in Maverick's semantics, whoever asks: a command, an event, a state.
 * @see spec: semantics.md, W4-W7, R1-R3
 */

const SIGTERM = 15;

/** Its goal is start and it has not arrived: up, or, for a task, at its end. */
export const isOnItsWayUp = ({ goal, state, definition }: Instance): boolean =>
  goal === 'start' && (state !== 'running' || isFinishingTask(definition));

const mainAlive = (instance: Instance): boolean => instance.processes.has('main');

/** The respawn that kept the state up is off. */
const endRespawning = (world: World, instance: Instance): void => {
  instance.respawning = false;
  if (!instance.up || isUpState(instance.state)) return;
  instance.up = false;
  touchDependants(world, instance);
};

/** A hook that nobody waits in any more: operands let go of it, jobs that it started go on (rule W7). */
const leaveHook = (world: World, instance: Instance): void => {
  const event = instance.blocker === undefined ? undefined : world.events.get(instance.blocker);
  instance.blocker = undefined;
  if (!event) return;
  event.hookOf = undefined;
  dropHook(world, event);
};

const cutProcess = (world: World, instance: Instance, caller: ProcessId | undefined): void => {
  const role = instance.state === 'pre-start' ? 'pre-start' : 'post-start';
  const process = processOf(world, instance, role);
  // A script that stops its own job is to run to its end.
  if (process && process.id !== caller && !process.signalled) killProcess(world, instance, role, SIGTERM);
};

/** Cut a start in progress short (rules W5, W7). What has come up or goes down is left alone. */
const cutShort = (world: World, instance: Instance, caller: ProcessId | undefined) => {
  if (!isBeforeRunning(instance.state) || instance.state === 'waiting') return;
  instance.ending = true;
  switch (instance.state) {
    case 'starting':
      leaveHook(world, instance);
      return advance(world, instance);
    case 'spawned':
      return advance(world, instance);
    case 'pre-start':
    case 'post-start':
      return cutProcess(world, instance, caller);
  }
};

/** What a goal of stop makes of what was remembered and timed (rules E4, E6, T1, T2). */
const forgetStart = (world: World, instance: Instance): void => {
  endRespawning(world, instance);
  forgetAll(world, instance.stopMemory);
  forgetFor(world, instance.jobClass, instance.ref.instance);
  clearTimer(world, instance.startTimer);
  instance.startTimer = undefined;
  dropBackoff(world, instance);
};

/** Stop. `caller`: the process that asks for it, which is not signalled. */
export const stopInstance = (world: World, instance: Instance, caller?: ProcessId): void => {
  tellNotUp(world, instance, 'all');
  forgetStart(world, instance);
  instance.nextRequest = undefined;
  changeGoal(world, instance, 'stop');
  cutShort(world, instance, caller);
};

/** The run ends by itself; those who waited for it to come up are told that it will not. */
export const endRun = (world: World, instance: Instance, finished: boolean): void => {
  if (!(finished && isFinishingTask(instance.definition))) tellNotUp(world, instance, 'this run');
  forgetStart(world, instance);
  instance.ending = true;
  changeGoal(world, instance, 'stop');
};

/**
 * Whether a stop in progress can still be taken back. Not where a definition that has been replaced would go on in spite of
 * its `while` (rule S12): the newest takes over then.
 */
const canCancelStop = (world: World, instance: Instance): boolean => {
  const { state, ending, definition, jobClass, ref } = instance;
  if (state !== 'pre-stop' || !mainAlive(instance) || ending) return false;
  return definition === jobClass.definition || guardHolds(world, ref.session, definition, ref.instance);
};

/**
 * Start an instance whose goal is stop (rule W6).
 * @param request its environment, besides the class's
 * @param insists a new run, though a stop in progress could be taken back: the environment is another
 */
export const startInstance = (world: World, instance: Instance, request: Environment, insists = false): void => {
  if (canCancelStop(world, instance) && !insists) {
    tellNotDown(world, instance);
    instance.stopEnv = undefined;
  } else {
    if (instance.state !== 'waiting') instance.ending = true;
    instance.nextRequest = request;
  }
  changeGoal(world, instance, 'start');
};

/** Restart: end this run, whatever its state, and begin another (rules R1-R3). Those who want it up wait for that. */
export const restartInstance = (world: World, instance: Instance, request: Environment, caller?: ProcessId): void => {
  moveToNextRun(instance);
  forgetStart(world, instance);
  instance.stopEnv = undefined;
  changeGoal(world, instance, 'stop');
  cutShort(world, instance, caller);
  instance.ending = true;
  instance.nextRequest = request;
  changeGoal(world, instance, 'start');
};

/** What the run that is coming was asked for with, or else the present one. */
export const requestOf = ({ nextRequest, request }: Instance): Environment => nextRequest ?? request;

/** Whether an environment has something that the instance, as it is or is to be, has not (rule W3). */
export const bringsOther = (world: World, instance: Instance, env: Environment): boolean => {
  if (env.length === 0) return false;
  const { nextRequest, jobClass } = instance;
  const coming =
    nextRequest === undefined
      ? instance.env
      : startEnvironment(world, jobClass.session, definitionToRun(instance), nextRequest);
  return env.some((entry) => valueIn(coming, nameOf(entry)) !== valuePart(entry));
};

/** What a new run runs: the newest definition, but for a job whose file is gone (rule R4). */
export const definitionToRun = ({ jobClass, definition }: Instance): Instance['definition'] =>
  jobClass.deleted ? definition : jobClass.definition;

/** A stop that joins must bring nothing that the stop has not (rule W3). */
export const bringsOtherStop = ({ stopEnv }: Instance, env: Environment): boolean =>
  env.some((entry) => valueIn(stopEnv ?? [], nameOf(entry)) !== valuePart(entry));

/** What a restart asks for: what the job was started with, and what it brings (rule R2). */
export const restartRequest = (instance: Instance, env: Environment): Environment => merge(requestOf(instance), env);
