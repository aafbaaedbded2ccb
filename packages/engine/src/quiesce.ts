import { queueEvent } from './event-queue.js';
import type { TimerId } from './input.js';
import { SYSTEM } from './input.js';
import { displayName } from './instance.js';
import { listenersOf } from './listener-index.js';
import { matches, NO_VARIABLES } from './matching.js';
import { clearTimer, emitEffect, log, setTimer, type World } from './world.js';

const WAIT_MS = 5000;
const LOOK_EVERY_MS = 1000;

/**
 * The end of a session init. In `wait` the jobs that asked for the `session-end` event have their time; in `kill` what is
 * left has as long as its kill timeouts.
 * @see spec: engine.md 7.5
 */
export interface Quiesce {
  readonly type: 'logout' | 'shutdown';
  phase: 'wait' | 'kill' | 'over';
  readonly begunAt: number;
  phaseBegunAt: number;
  limitMs: number;
  timer: TimerId | undefined;
}

/** Whether a job's condition has an operand that this event satisfies, be it the whole or not. */
const isWaitedFor = (world: World, name: string, env: readonly string[]): boolean => {
  for (const session of world.sessions.values()) {
    for (const { definition } of listenersOf(session, name, env)) {
      const { startOn } = definition;
      const operands = startOn?.byName.get(name) ?? [];
      if (operands.some((index) => matches(startOn?.operands[index]?.patterns ?? [], env, NO_VARIABLES))) return true;
    }
  }
  return false;
};

const haltAll = (world: World, quiesce: Quiesce): void => {
  quiesce.limitMs = world.rules.haltLimit(world) * 1000;
  for (const session of world.sessions.values()) {
    for (const jobClass of session.classes.values()) {
      for (const instance of [...jobClass.instances.values()]) world.rules.halt(world, instance);
    }
  }
};

const leave = (world: World, quiesce: Quiesce): void => {
  clearTimer(world, quiesce.timer);
  quiesce.timer = undefined;
  quiesce.phase = 'over';
  const seconds = Math.floor((world.now - quiesce.begunAt) / 1000);
  log(world, 'info', `Quiesce ${quiesce.type} sequence took ${seconds} second${seconds === 1 ? '' : 's'}`);
  emitEffect(world, { kind: 'exit' });
};

const lookAgain = (world: World, quiesce: Quiesce): void => {
  quiesce.timer = setTimer(world, world.now + LOOK_EVERY_MS, { kind: 'quiesce' });
};

/** Begin; a second request is ignored. One that is over is said to be, for whoever has taken it over. */
export const beginQuiesce = (world: World, type: Quiesce['type']): void => {
  if (world.quiesce?.phase === 'over') emitEffect(world, { kind: 'exit' });
  if (world.quiesce) return;
  log(world, 'info', `Quiescing due to ${type} request`);
  const name = 'session-end';
  const env = [`TYPE=${type}`];
  const waits = type === 'logout' && isWaitedFor(world, name, env);
  const quiesce: Quiesce = {
    type,
    phase: waits ? 'wait' : 'kill',
    begunAt: world.now,
    phaseBegunAt: world.now,
    limitMs: 0,
    timer: undefined,
  };
  world.quiesce = quiesce;
  queueEvent(world, { session: SYSTEM, name, env });
  haltAll(world, quiesce);
  lookAgain(world, quiesce);
};

/** Look, once a second, whether this phase is over. */
export const continueQuiesce = (world: World) => {
  const { quiesce } = world;
  if (!quiesce || quiesce.phase === 'over') return;
  if (world.processes.size === 0) return leave(world, quiesce);
  const elapsed = world.now - quiesce.phaseBegunAt;
  if (quiesce.phase === 'wait' && elapsed >= WAIT_MS) {
    quiesce.phase = 'kill';
    quiesce.phaseBegunAt = world.now;
    haltAll(world, quiesce);
  } else if (quiesce.phase === 'kill' && elapsed > quiesce.limitMs) {
    for (const { ref } of world.instances.values()) log(world, 'warn', `job ${displayName(ref)} failed to stop`, ref);
    return leave(world, quiesce);
  }
  lookAgain(world, quiesce);
};

/** An event has been delivered: without instances there is nothing to wait for. */
export const quiesceIfEmpty = (world: World): void => {
  const { quiesce } = world;
  if (quiesce && quiesce.phase !== 'over' && world.instances.size === 0) leave(world, quiesce);
};
