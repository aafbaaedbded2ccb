import { holdStart, releaseStart } from './confirm.js';
import type { Instance } from './instance.js';
import { displayName } from './instance.js';
import { jobEvent, queueJobEvent } from './job-event.js';
import { type Goal, type JobState, nextState, type StateRow, TRANSITIONS } from './job-state.js';
import { originNow, originOfGoal } from './origin.js';
import { killProcess, spawnProcess } from './process.js';
import { causedByInstance, clearTimer, dropFds, emitEffect, log, type World } from './world.js';

const mainAlive = (instance: Instance): boolean => instance.processes.has('main');

/** Set the goal. Where the instance rests of its own accord, it leaves. */
export const changeGoal = (world: World, instance: Instance, goal: Goal): void => {
  const from = instance.goal;
  if (from === goal) return;
  instance.goal = goal;
  instance.because = originOfGoal(instance.ref, goal, world.now, originNow(world));
  emitEffect(world, { kind: 'goal-changed', instance: instance.ref, from, to: goal });
  log(world, 'info', `${displayName(instance.ref)} goal changed from ${from} to ${goal}`, instance.ref);
  if (goal === 'stop') releaseStart(world, instance, 'no');
  const rests = goal === 'start' ? 'waiting' : 'running';
  if (goal !== 'respawn' && instance.state === rests) advance(world, instance);
};

/** What happens on entry besides starting the state's process. */
const ENTRY: { readonly [state in JobState]?: (world: World, instance: Instance, from: JobState) => void } = {
  starting: (world, instance) => {
    instance.stopEnv = undefined;
    instance.failure = undefined;
    instance.ending = false;
    world.rules.beginRun(world, instance);
    const { env, exported } = jobEvent(instance, 'starting');
    world.rules.shown(world, instance, exported);
    const event = queueJobEvent(world, instance, 'starting', env);
    instance.blocker = event.id;
    holdStart(world, instance, event);
  },
  'security-spawning': (world, instance) => world.rules.leftStarting(world, instance),
  running: (world, instance, from) => {
    if (from === 'pre-stop') instance.stopEnv = undefined;
    else {
      const { env, exported } = jobEvent(instance, 'started');
      world.rules.shown(world, instance, exported);
      queueJobEvent(world, instance, 'started', env);
    }
    world.rules.cameUp(world, instance, from);
  },
  stopping: (world, instance) => {
    world.rules.goesDown(world, instance);
    const { env } = jobEvent(instance, 'stopping');
    instance.blocker = queueJobEvent(world, instance, 'stopping', env).id;
  },
  killed: (world, instance) => killProcess(world, instance, 'main'),
  waiting: (world, instance) => {
    queueJobEvent(world, instance, 'stopped', jobEvent(instance, 'stopped').env);
    world.rules.cameToRest(world, instance);
    destroy(world, instance);
  },
};

const destroy = (world: World, instance: Instance): void => {
  const { jobClass, ref } = instance;
  clearTimer(world, instance.killTimer);
  clearTimer(world, instance.startTimer);
  clearTimer(world, instance.watchdogTimer);
  jobClass.idleSince = world.now;
  jobClass.lastRun = { instance: ref.instance, failure: instance.failure, because: instance.because };
  jobClass.instances.delete(ref.instance);
  world.instances.delete(instance.id);
  dropFds(world, instance.fds);
  log(world, 'debug', `Destroyed inactive instance ${displayName(ref)}`, ref);
  emitEffect(world, { kind: 'instance-removed', instance: ref });
  world.rules.instanceGone(world, jobClass);
};

const enter = (world: World, instance: Instance, state: JobState): void => {
  const from = instance.state;
  const row: StateRow = TRANSITIONS[state];
  instance.state = state;
  instance.since = world.now;
  if (state === 'starting') Object.assign(instance, { began: world.now, ranSince: undefined });
  emitEffect(world, { kind: 'state-changed', instance: instance.ref, from, to: state });
  log(world, 'info', `${displayName(instance.ref)} state changed from ${from} to ${state}`, instance.ref);
  ENTRY[state]?.(world, instance, from);
  if (row.spawns) spawnProcess(world, instance, row.spawns);
};

/** Whether the state has nothing (more) to wait for. */
const passes = (instance: Instance): boolean => {
  const { awaits }: StateRow = TRANSITIONS[instance.state];
  switch (awaits.kind) {
    case 'nothing':
      return true;
    case 'hook':
    case 'goal':
      return false;
    case 'ready':
      return !mainAlive(instance);
    case 'process':
      return !instance.processes.has(awaits.role);
  }
};

/** Whether the state waits for this process to end. */
export const isAwaited = (instance: Instance, role: string): boolean => {
  const { awaits }: StateRow = TRANSITIONS[instance.state];
  return awaits.kind === 'process' && awaits.role === role;
};

/** What the state awaited has happened: go on, as far as nothing else is to be awaited. Not while a hook holds it. */
export const advance = (world: World, instance: Instance): void =>
  causedByInstance(world, instance.ref, () => {
    if (instance.blocker !== undefined) return;
    do {
      const { state, goal, ending } = instance;
      const next = nextState({ state, goal, ending, mainAlive: mainAlive(instance) });
      if (state === 'post-stop' && next === 'starting') {
        if (world.rules.delaysNextRun(world, instance)) return;
        world.rules.runOver(world, instance);
      }
      if (goal === 'respawn') changeGoal(world, instance, 'start');
      enter(world, instance, next);
    } while (passes(instance));
  });
